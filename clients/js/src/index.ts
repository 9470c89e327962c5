// Merged pages and their gaps, for any client, and what generators must know of the schema.
import type { Gap, ProviderProblem, TimedEdge } from './gaps.js';
import { gaps } from './gaps.js';
import type { Edge, MergedPages, Page, PageArguments, PageInfo, Problem, ProblemRange } from './merge.js';
import { mergePage, problemsOf } from './merge.js';
import type { Moment } from './times.js';

export type { Scalars } from './schema.js';
export { possibleTypes, scalars } from './schema.js';
export type { Edge, Gap, MergedPages, Moment, Page, PageArguments, PageInfo, Problem, ProblemRange, ProviderProblem, TimedEdge };
export { gaps };

/** A page, and the arguments with which it was requested. */
export interface RequestedPage<L> {
  page: L;
  args: PageArguments;
}

/** Return the list that pages make, in the order in which they were requested. A page whose cursors the list does not have is left out. */
export function mergePages<E extends TimedEdge, P extends Problem, L extends Page<E, P>>(pages: readonly RequestedPage<L & Page<E, P>>[]): L {
  let list: MergedPages<E, P> | undefined;
  for (const { page, args } of pages) list = mergePage<E, P>(list, page, args, ({ node }) => node.occurredAt) ?? list;
  if (!list) throw new Error('there are no pages to merge');
  const { placed, ...merged } = list;
  return { ...merged, problems: problemsOf({ placed }) } as unknown as L;
}
