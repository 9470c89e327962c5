// Random walks: node random_walks.mjs <first seed> <walks>; merges pages of a simulated list whose providers fail, and says what went wrong.
// The simulated pages have the gateway's order, cursors and ranges: positions are (time, provider, id), and bounds have whole seconds.
import { gaps, mergePages } from 'telegraphql-client';

const [firstSeed, walks] = process.argv.slice(2).map(Number);
const PROVIDERS = ['a', 'b', 'c'];

/** A generator of whole numbers below a bound (mulberry32). */
function random(seed) {
  return (bound) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const moment = (millis) => new Date(Math.floor(millis / 1000) * 1000).toISOString().replace('.000', '');
const lower = (place) => (place ? moment(place.millis) : null);
const upper = (place) => (place ? moment(place.millis + 1000) : null);

/** All records in order: dense in time, so that many begin in one second. */
function truth(dice, ascending) {
  const made = Array.from({ length: 5 + dice(60) }, (_, index) => ({ millis: 1e12 + dice(40) * 500, provider: PROVIDERS[dice(3)], id: `r${index}` }));
  made.sort((one, other) => one.millis - other.millis || (one.id < other.id ? -1 : 1));
  return ascending ? made : made.reverse();
}

/** A page as the gateway gives it: `failing` says from which record on a provider's are missing. */
function answer(all, { first, last, after, before }, failing, ascending) {
  const [from, to] = [after ? all.findIndex(({ id }) => id === after) + 1 : 0, before ? all.findIndex(({ id }) => id === before) : all.length];
  const between = all.slice(from, to);
  if (last != null) between.reverse();
  const there = between.filter(({ provider }, index) => !(index >= failing[provider]));
  const [size, hasMore] = [last ?? first, there.length > (last ?? first)];
  const shown = there.slice(0, size);
  const [near, far] = last != null ? [all[to], all[from - 1]] : [all[from - 1], all[to]];
  // A provider is read no further than the page goes: what fails later is not noticed.
  const noticed = Object.entries(failing).filter(([, frontier]) => !hasMore || frontier <= between.indexOf(shown.at(-1)));
  const problems = noticed.map(([name, frontier]) => {
    const read = between.slice(0, frontier).filter(({ provider }) => provider === name).at(-1);
    const [begin, end] = [read ?? near, hasMore ? shown.at(-1) : far];
    const [early, late] = (last != null) === ascending ? [end, begin] : [begin, end];
    return { code: 'UNAVAILABLE', provider: { name }, range: { since: lower(early), until: upper(late) } };
  });
  if (last != null) shown.reverse();
  const edges = shown.map((record) => ({ cursor: record.id, node: { id: record.id, occurredAt: moment(record.millis) } }));
  const [behind, ahead] = last != null ? [hasMore, before != null] : [after != null, hasMore];
  const pageInfo = { hasPreviousPage: behind, hasNextPage: ahead, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null };
  return { edges, pageInfo, problems };
}

/** Return the records that a list hides: neither in it, nor in a range that it tells. */
function hidden(all, { edges, pageInfo, problems }) {
  const ids = new Set(edges.map(({ node }) => node.id));
  const index = (cursor) => all.findIndex(({ id }) => id === cursor);
  const from = pageInfo.hasPreviousPage && pageInfo.startCursor ? index(pageInfo.startCursor) : 0;
  const to = pageInfo.hasNextPage && pageInfo.endCursor ? index(pageInfo.endCursor) + 1 : all.length;
  const isTold = ({ millis, provider }) =>
    problems.some(({ provider: { name }, range: { since, until } }) =>
      name === provider && (since === null || Date.parse(since) <= millis) && (until === null || millis < Date.parse(until)));
  return all.slice(from, to).filter((record) => !ids.has(record.id) && !isTold(record));
}

function walk(seed) {
  const dice = random(seed);
  const ascending = dice(2) === 1;
  const order = ascending ? 'OLDEST_FIRST' : 'NEWEST_FIRST';
  const all = truth(dice, ascending);
  const requests = [];
  const request = (args, isWell) => {
    const failing = isWell ? {} : Object.fromEntries(PROVIDERS.slice(1).filter(() => dice(3) === 0).map((name) => [name, dice(4) * dice(8)]));
    requests.push({ page: answer(all, args, failing, ascending), args: { ...args, order } });
    const list = mergePages(requests);
    const positions = list.edges.map(({ cursor }) => all.findIndex(({ id }) => id === cursor));
    const times = list.edges.map(({ node }) => (ascending ? 1 : -1) * Date.parse(node.occurredAt));
    const isOrdered = times.every((time, index) => index === 0 || times[index - 1] <= time) && new Set(positions).size === positions.length;
    const lost = hidden(all, list);
    if (!isOrdered || lost.length > 0) throw new Error(JSON.stringify({ seed, step: requests.length, args, positions, lost, problems: list.problems }));
    return list;
  };
  let list = request({ first: 1 + dice(8) });
  for (let step = 0; step < 12; step += 1) {
    const any = () => list.edges[dice(list.edges.length)]?.cursor;
    const gap = gaps(list, order)[0];
    const kind = dice(6);
    if (kind < 3 && list.pageInfo.hasNextPage) list = request({ first: 1 + dice(8), after: list.pageInfo.endCursor });
    else if (kind === 3 && gap) list = request({ first: 1 + dice(12), after: gap.after, before: gap.before });
    else if (kind === 4 && any()) list = request({ first: 1 + dice(8), after: any() });
    else if (kind === 5 && any()) list = request({ last: 1 + dice(8), before: any() });
  }
  let closing = 0;
  for (let gap; ([gap] = gaps(list, order)) && gap; closing += 1) {
    if (closing > 50) throw new Error(JSON.stringify({ seed, endless: gap, problems: list.problems }));
    list = request({ first: 500, after: gap.after, before: gap.before }, true);
  }
  if (list.problems.length > 0) throw new Error(JSON.stringify({ seed, left: list.problems }));
  return { requests: requests.length, closing };
}

const totals = { walks: 0, requests: 0, closing: 0 };
for (let seed = firstSeed; seed < firstSeed + walks; seed += 1) {
  const { requests, closing } = walk(seed);
  totals.walks += 1;
  totals.requests += requests;
  totals.closing += closing;
}
console.log(JSON.stringify(totals));
