// The list of calls: pages as they come, gaps where a provider is missing, and what closes them.
import type { CallFilter, CallsQuery, ProblemPartsFragment } from './gql/graphql';

export type CallRow = CallsQuery['calls']['nodes'][number];
export type Page = CallsQuery['calls'];

/** The calls of one provider that are missing between two moments. Null: from the newest, or to the oldest of the list. */
export type Gap = { provider: string; since: string | null; until: string | null; problem: ProblemPartsFragment };
export type List = { calls: readonly CallRow[]; gaps: readonly Gap[]; endCursor: string | null; isComplete: boolean };

export const EMPTY: List = { calls: [], gaps: [], endCursor: null, isComplete: false };

// What a provider cannot do, or does not read, is said once; asking again does not help against old data.
const isMissing = (problem: ProblemPartsFragment): boolean => problem.provider !== null && !['STALE', 'MALFORMED_FIELD'].includes(problem.code);

/** Return the list with its next page. A gap that goes on becomes longer. */
export function withPage(list: List, page: Page): List {
  const known = new Set(list.calls.map((each) => each.id));
  const calls = [...list.calls, ...page.nodes.filter((each) => !known.has(each.id))];
  const until = list.calls.at(-1)?.occurredAt ?? null;
  const since = page.pageInfo.hasNextPage ? (calls.at(-1)?.occurredAt ?? null) : null;
  const missing = new Map(page.problems.filter(isMissing).map((each) => [each.provider?.name ?? '', each]));
  const gaps = list.gaps.map((gap) => {
    const problem = missing.get(gap.provider);
    if (!problem || gap.since !== until) return gap;
    missing.delete(gap.provider);
    return { ...gap, since, problem };
  });
  const more = [...missing].map(([provider, problem]) => ({ provider, since, until, problem }));
  return { calls, gaps: [...gaps, ...more], endCursor: page.pageInfo.endCursor, isComplete: !page.pageInfo.hasNextPage };
}

/** Return the filter that asks for the calls of a gap alone. */
export function filterOfGap(filter: CallFilter, gap: Gap): CallFilter {
  const since = gap.since ?? filter.startedAt?.since ?? null;
  // The newest call of a gap may have begun in the same second as the call above it.
  const until = gap.until ? new Date(new Date(gap.until).getTime() + 1_000).toISOString() : (filter.startedAt?.until ?? null);
  return { ...filter, providers: [gap.provider], startedAt: { since, until } };
}

/** Return the list without a gap, with the calls that close it in their places. */
export function withoutGap(list: List, gap: Gap, found: readonly CallRow[]): List {
  const known = new Set(list.calls.map((each) => each.id));
  const fresh = found.filter((each) => !known.has(each.id));
  const calls = [...list.calls, ...fresh].sort((a, b) => b.occurredAt.localeCompare(a.occurredAt));
  return { ...list, calls, gaps: list.gaps.filter((each) => each !== gap) };
}

/** Return the list with a gap that is still there, for the reason that was given last. */
export const withGap = (list: List, gap: Gap, problem: ProblemPartsFragment): List => ({
  ...list,
  gaps: list.gaps.map((each) => (each === gap ? { ...gap, problem } : each)),
});

export type Line = { kind: 'call'; id: string; call: CallRow } | { kind: 'gap'; id: string; gap: Gap };

/** Return calls and gaps as lines; a gap stands where its newest call would. */
export function linesOf({ calls, gaps }: List): Line[] {
  const lines: Line[] = calls.map((call) => ({ kind: 'call', id: call.id, call }));
  for (const gap of gaps) {
    const line: Line = { kind: 'gap', id: `gap:${gap.provider}:${gap.until ?? ''}`, gap };
    const at = gap.until === null ? 0 : lines.findIndex((each) => each.kind === 'call' && each.call.occurredAt < (gap.until ?? ''));
    lines.splice(at === -1 ? lines.length : at, 0, line);
  }
  return lines;
}
