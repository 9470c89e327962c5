// Merging: pages become one list, with the problems of the parts that are still missing.
import type { Moment } from './times.js';
import { lowerOf, millisOf, nextSecond, text, upperOf } from './times.js';

/** The arguments of a page, and of the list that it belongs to. */
export interface PageArguments {
  after?: string | null;
  before?: string | null;
  first?: number | null;
  last?: number | null;
  order?: 'NEWEST_FIRST' | 'OLDEST_FIRST' | null;
}

export interface PageInfo {
  hasNextPage?: boolean;
  hasPreviousPage?: boolean;
  startCursor?: string | null;
  endCursor?: string | null;
}

export interface ProblemRange {
  since?: Moment | null;
  until?: Moment | null;
}

export interface Problem {
  code?: string;
  range?: ProblemRange | null;
}

export interface Edge {
  cursor?: string;
}

/** A page with edges: the answer of a list field. */
export interface Page<E extends Edge = Edge, P extends Problem = Problem> {
  edges: readonly E[];
  problems?: readonly P[];
  pageInfo?: PageInfo;
  totalCount?: number | null;
  totalCountAtLeast?: number;
}

/** A problem, and the part of the list it is about: between the first `from` edges and those after the first `to`. */
export interface PlacedProblem<P extends Problem = Problem> {
  problem: P;
  from: number;
  to: number;
}

/** Merged pages. */
export interface MergedPages<E extends Edge = Edge, P extends Problem = Problem> extends Page<E, P> {
  edges: readonly E[];
  pageInfo: PageInfo;
  placed: readonly PlacedProblem<P>[];
}

/** Return the time at which a record stands in its list, or undefined if it was not selected. */
export type TimeOf<E> = (edge: E) => Moment | null | undefined;

/** What a page replaces of a list: all between the first `start` edges and those after the first `end`. */
interface Part<E> {
  start: number;
  end: number;
  /** What comes in its place. */
  edges: readonly E[];
  /** The edges beside it: the last one before it, and the first one after it. A page that is too short has its own there. */
  previous: E | undefined;
  next: E | undefined;
  /** True if it does not reach the edge after it, or before it. */
  isShort: boolean;
  isLate: boolean;
  /** True if it is after all that the list has, also where that has no records. */
  isNext: boolean;
}

/** Return a list that begins with this page. */
function begin<E extends Edge, P extends Problem>(page: Page<E, P>): MergedPages<E, P> {
  return { ...page, pageInfo: page.pageInfo ?? {}, placed: place(page, 0) };
}

const place = <E extends Edge, P extends Problem>(page: Page<E, P>, from: number): PlacedProblem<P>[] =>
  (page.problems ?? []).map((problem) => ({ problem, from, to: from + page.edges.length }));

/**
 * Return a list with one more page in its place; undefined if the list does not have the page's cursors.
 *
 * A page without cursors begins the list anew. A page with `after` replaces all that follows it, one with `before` all that
 * precedes it, and one with both what is between them. What it replaces takes its problems along.
 */
export function mergePage<E extends Edge, P extends Problem>(
  list: MergedPages<E, P> | undefined,
  page: Page<E, P>,
  args: PageArguments,
  timeOf: TimeOf<E>,
): MergedPages<E, P> | undefined {
  if (!list || !(args.after || args.before)) return begin(page);
  const part = partOf(list, page, args, timeOf);
  if (!part) return undefined;
  const { start, end, edges } = part;
  const [head, tail] = [list.edges.slice(0, start), list.edges.slice(end)];
  const shift = part.isNext ? 0 : edges.length - (end - start);
  const left = list.placed.flatMap((each) => outside(each, part, args.order === 'OLDEST_FIRST', timeOf));
  const moved = left.map((each) => (each.from >= end ? { ...each, from: each.from + shift, to: each.to + shift } : each));
  return {
    ...list,
    ...page,
    ...totals(list, page),
    edges: [...head, ...edges, ...tail],
    pageInfo: pageInfo(list.pageInfo, page.pageInfo ?? {}, head.length === 0, tail.length === 0),
    placed: [...moved, ...place({ ...page, edges }, start)].sort((one, other) => one.from - other.from),
  };
}

/** Return the part of a list that a page replaces, or undefined if the list does not have the page's cursors. */
function partOf<E extends Edge, P extends Problem>(list: MergedPages<E, P>, page: Page<E, P>, args: PageArguments, timeOf: TimeOf<E>): Part<E> | undefined {
  const at = (cursor: string) => list.edges.findIndex((edge) => edge.cursor === cursor);
  let [start, end] = [0, list.edges.length];
  if (args.after && args.after !== list.pageInfo.endCursor) start = at(args.after) + 1 || -1;
  else if (args.after) start = end;
  if (args.before && args.before !== list.pageInfo.startCursor) end = at(args.before);
  else if (args.before) end = 0;
  if (start < 0 || end < start) return undefined;
  const isShort = args.before != null && args.last == null && page.pageInfo?.hasNextPage === true;
  const isLate = args.after != null && args.last != null && page.pageInfo?.hasPreviousPage === true;
  const isNext = args.after != null && args.after === list.pageInfo.endCursor;
  const whole = { start, end, edges: page.edges, previous: list.edges[start - 1], next: list.edges[end], isShort, isLate, isNext };
  // Between such a page and a list that begins or ends elsewhere, nobody knows what there is.
  if ((isShort && !args.after && list.pageInfo.hasPreviousPage) || (isLate && !args.before && list.pageInfo.hasNextPage)) return undefined;
  if (!isShort && !isLate) return whole;
  // The second in which a page stops may have more records: what the list has of it stays.
  const bound = isShort ? page.edges.at(-1) : page.edges[0];
  if (!bound || timeOf(bound) == null) return undefined;
  const isAhead = (one: E, other: E) => isLater(other, one, args.order === 'OLDEST_FIRST', timeOf);
  if (isShort) {
    const edges = page.edges.filter((edge) => isAhead(edge, bound));
    return { ...whole, edges, end: start + list.edges.slice(start, end).filter((edge) => isAhead(edge, bound)).length, next: bound };
  }
  const edges = page.edges.filter((edge) => isAhead(bound, edge));
  return { ...whole, edges, start: end - list.edges.slice(start, end).filter((edge) => isAhead(bound, edge)).length, previous: bound };
}

/** Return true if an edge is in a later second of the list than another; false if a time is not known. */
function isLater<E>(edge: E | undefined, other: E | undefined, isAscending: boolean, timeOf: TimeOf<E>): boolean {
  const [one, two] = [edge && timeOf(edge), other && timeOf(other)];
  if (one == null || two == null) return false;
  return isAscending ? millisOf(one) > millisOf(two) : millisOf(one) < millisOf(two);
}

/** Return what a replaced part of the list leaves of a problem: the problem, or the one or two ends of its range. */
function outside<E extends Edge, P extends Problem>(placed: PlacedProblem<P>, part: Part<E>, isAscending: boolean, timeOf: TimeOf<E>): PlacedProblem<P>[] {
  const { problem, from, to } = placed;
  const { start, end } = part;
  // A search that stopped at its limit goes on with the page after it.
  if (to === start && problem.code === 'SCAN_LIMIT') return [];
  if (part.isNext) return [placed];
  const ends: PlacedProblem<P>[] = [];
  const keep = (place: { from: number; to: number }, beside: E | undefined, isEarlier: boolean) => {
    const range = cut(problem.range, beside && timeOf(beside), isEarlier);
    if (lowerOf(range?.since) < upperOf(range?.until)) ends.push({ problem: range ? { ...problem, range } : problem, ...place });
  };
  if (from < start || (part.isLate && from === start)) keep({ from, to: Math.min(to, start) }, part.previous, isAscending);
  if (to > end || (part.isShort && to === end)) keep({ from: Math.max(from, end), to }, part.next, !isAscending);
  return ends;
}

/** Return the part of a range up to a record's second, which belongs to it: the earlier part, or the later one. */
function cut(range: ProblemRange | null | undefined, at: Moment | null | undefined, isEarlier: boolean): ProblemRange | null | undefined {
  if (!range || at == null) return range;
  const until = nextSecond(at);
  if (isEarlier) return upperOf(range.until) <= millisOf(until) ? range : { ...range, until };
  return lowerOf(range.since) >= millisOf(at) ? range : { ...range, since: text(at) };
}

/** Return the totals, which stay known where a page does not know them. */
function totals(list: Page, page: Page): Pick<Page, 'totalCount' | 'totalCountAtLeast'> {
  const least = Math.max(list.totalCountAtLeast ?? 0, page.totalCountAtLeast ?? 0);
  return {
    ...('totalCount' in page && { totalCount: page.totalCount ?? list.totalCount ?? null }),
    ...('totalCountAtLeast' in page && { totalCountAtLeast: least }),
  };
}

function pageInfo(list: PageInfo, page: PageInfo, isFirst: boolean, isLast: boolean): PageInfo {
  const merged = { ...page, ...list };
  const take = <K extends keyof PageInfo>(key: K, isTaken: boolean) => {
    if (isTaken && key in page) merged[key] = page[key];
  };
  take('hasPreviousPage', isFirst);
  take('startCursor', isFirst);
  take('hasNextPage', isLast);
  take('endCursor', isLast);
  return merged;
}

/** Return the problems of a list, in its order. What concerns the whole list is told by each page, and stands here once: `identify` says what is the same. */
export function problemsOf<P extends Problem>(list: { placed: readonly PlacedProblem<P>[] }, identify: (problem: P) => string = JSON.stringify): P[] {
  const found = new Map<string, P>();
  list.placed.forEach(({ problem }, index) => found.set(problem.range ? String(index) : identify(problem), problem));
  return [...found.values()];
}
