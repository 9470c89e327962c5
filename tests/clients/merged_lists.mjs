// Merged lists: node merged_lists.mjs; what single pages make of a list, one JSON object a line.
import { InMemoryCache, gql } from '@apollo/client';
import { gaps, mergePages } from 'telegraphql-client';
import { possibleTypes, typePolicies } from 'telegraphql-client/apollo';

const say = (told) => console.log(JSON.stringify(told));
const edge = (second) => ({ cursor: `c${second}`, node: { id: `r${second}`, occurredAt: `2026-11-20T08:00:${String(second).padStart(2, '0')}Z` } });
const page = (seconds, problems, { end = `c${seconds.at(-1)}`, more = true, ...rest } = {}) => ({
  edges: seconds.map(edge),
  problems,
  pageInfo: { hasNextPage: more, hasPreviousPage: false, startCursor: `c${seconds[0]}`, endCursor: end },
  ...rest,
});
const limit = { code: 'SCAN_LIMIT', message: 'the search stopped', range: null };
const unsupported = { code: 'UNSUPPORTED', provider: { name: 'a' }, range: null };
const field = (count) => ({ code: 'UNAVAILABLE', provider: { name: 'a' }, field: 'recordings', count, range: null });
const codes = ({ problems }) => problems.map(({ code, count }) => (count ? `${code} ${count}` : code));

// A search that stopped goes on; then it lacks nothing.
const stopped = { page: page([9, 8], [limit], { end: 'scan' }), args: {} };
say(codes(mergePages([stopped])));
say(codes(mergePages([stopped, { page: page([5], [], { more: false }), args: { after: 'scan' } }])));
// What each page says of the whole list is told once; what it says of its records, for each page.
say(codes(mergePages([
  { page: page([9, 8], [unsupported, field(2)]), args: {} },
  { page: page([7], [unsupported, field(1)]), args: { after: 'c8' } },
])));
// Totals stay known.
const { totalCount, totalCountAtLeast } = mergePages([
  { page: page([9, 8], [], { totalCount: 4, totalCountAtLeast: 4 }), args: {} },
  { page: page([7], [], { totalCount: null, totalCountAtLeast: 1 }), args: { after: 'c8' } },
]);
say([totalCount, totalCountAtLeast]);
// A page of another list is left out.
say(mergePages([{ page: page([9, 8], []), args: {} }, { page: page([3], []), args: { after: 'c4' } }]).edges.map(({ cursor }) => cursor));
// Gaps of one provider that touch are one; those of two providers are two.
const lost = (name, since, until, retryAfter) => ({ code: 'TIMEOUT', provider: { name }, retryable: true, retryAfter, range: { since, until } });
const [early, middle, late] = [3, 5, 8].map((second) => edge(second).node.occurredAt);
const found = gaps({ ...page([9, 8, 7, 5, 2], []), problems: [lost('a', middle, late, 5), lost('b', middle, late, null), lost('a', early, middle, 9)] });
say(found.map(({ provider, since, until, retryAfter, after, before }) => [provider, since.slice(17, 19), until.slice(17, 19), retryAfter, after, before]));

// Apollo's cache: queries that select only `nodes` share the list with those that select `edges`.
const cache = new InMemoryCache({ typePolicies, possibleTypes });
const NODES = gql`query ($after: String) { calls(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }`;
const nodes = (ids, endCursor) => ({ calls: { __typename: 'CallConnection', nodes: ids.map((id) => ({ __typename: 'Call', id })), pageInfo: { __typename: 'PageInfo', hasNextPage: true, endCursor } } });
cache.writeQuery({ query: NODES, data: nodes(['r9', 'r8'], 'c8') });
cache.writeQuery({ query: NODES, variables: { after: 'c8' }, data: nodes(['r7'], 'c7') });
say(cache.readQuery({ query: NODES }).calls.nodes.map(({ id }) => id));
cache.evict({ id: 'Call:r8' });
say(cache.readQuery({ query: NODES }).calls.nodes.map(({ id }) => id));
