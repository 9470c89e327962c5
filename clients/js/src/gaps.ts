// Gaps: the parts of a list that may lack records, by provider.
import type { Edge, Page, PageArguments, Problem } from './merge.js';
import type { Moment } from './times.js';
import { lowerOf, millisOf, text, upperOf } from './times.js';

/** A problem as a query selects it; `range` is needed, all else is passed on. */
export interface ProviderProblem extends Problem {
  provider?: { name: string } | null;
  retryable?: boolean;
  retryAfter?: number | null;
}

/** An edge with what `gaps` needs of it. */
export interface TimedEdge extends Edge {
  node: { occurredAt?: Moment | null };
}

/** A part of a list that may lack records of one provider, or show old ones. */
export interface Gap<P extends ProviderProblem = ProviderProblem> {
  /** The provider's name; null if the problem concerns none. */
  provider: string | null;
  /** The first moment, and the first one after it. Null: no bound. */
  since: string | null;
  until: string | null;
  /** True if a later request may close it. */
  isRetryable: boolean;
  /** The seconds to wait before. Null if unknown. */
  retryAfter: number | null;
  /** The cursors between which the list is to be requested again. Null: from its start, or to its end. */
  after: string | null;
  before: string | null;
  /** The problems behind it. */
  problems: P[];
}

/**
 * Return the parts of a list that may lack records, for each provider, oldest first.
 *
 * The list must have `problems { code provider { name } range { since until } }`, and for cursors `edges { cursor node { occurredAt } }`.
 * `order` is the list's order.
 */
export function gaps<P extends ProviderProblem>(list: Page<TimedEdge, P>, order?: PageArguments['order']): Gap<P>[] {
  const ranged = (list.problems ?? []).flatMap((problem) => (problem.range ? [{ problem, range: problem.range }] : []));
  ranged.sort((one, other) => lowerOf(one.range.since) - lowerOf(other.range.since));
  const joined: Gap<P>[] = [];
  for (const { problem, range } of ranged) {
    const provider = problem.provider?.name ?? null;
    const last = joined.findLast((gap) => gap.provider === provider);
    const until = range.until == null ? null : text(range.until);
    if (last && lowerOf(range.since) <= upperOf(last.until)) {
      if (upperOf(until) > upperOf(last.until)) last.until = until;
      last.problems.push(problem);
    } else {
      const since = range.since == null ? null : text(range.since);
      joined.push({ provider, since, until, isRetryable: false, retryAfter: null, after: null, before: null, problems: [problem] });
    }
  }
  return joined.map((gap) => ({ ...gap, ...remedy(gap.problems), ...cursors(gap, list.edges, order === 'OLDEST_FIRST') }));
}

function remedy(problems: ProviderProblem[]): Pick<Gap, 'isRetryable' | 'retryAfter'> {
  const waits = problems.flatMap(({ retryAfter }) => (retryAfter == null ? [] : [retryAfter]));
  return { isRetryable: problems.some(({ retryable }) => retryable), retryAfter: waits.length > 0 ? Math.max(...waits) : null };
}

/** Return the cursors of the nearest records outside of a range. */
function cursors({ since, until }: Gap, edges: readonly TimedEdge[], ascending: boolean): Pick<Gap, 'after' | 'before'> {
  const millis = ({ node }: TimedEdge) => (node.occurredAt == null ? NaN : millisOf(node.occurredAt));
  const isLater = (edge: TimedEdge) => millis(edge) >= upperOf(until);
  const isEarlier = (edge: TimedEdge) => millis(edge) < lowerOf(since);
  const [ahead, behind] = ascending ? [isEarlier, isLater] : [isLater, isEarlier];
  return { after: edges.findLast(ahead)?.cursor ?? null, before: edges.find(behind)?.cursor ?? null };
}
