// The log: pages merged into the order of the list, and above them what ended since. Every call stands in it once.
import type { CombinedError } from '@urql/core';
import { gaps, mergePages, type RequestedPage } from 'telegraphql-client';
import type { CallFragment, NewestQuery } from './gql/graphql';

export type Call = CallFragment;
type Answer = NewestQuery['calls'];
export type Problem = Answer['problems'][number];
/** The arguments of a page. */
export type Asking = { first: number; after: string | null; before: string | null };

export type Log = { live: Call[]; pages: RequestedPage<Answer>[]; asking: Asking | null; error: CombinedError | null };
export type Happening =
  | { type: 'more' }
  | { type: 'again' }
  | { type: 'answered'; answer: Answer }
  | { type: 'refused'; error: CombinedError }
  | { type: 'ended'; call: Call };

const [PAGE, MOST] = [25, 500];
const FIRST: Asking = { first: PAGE, after: null, before: null };

export const EMPTY: Log = { live: [], pages: [], asking: FIRST, error: null };

export function reduce(log: Log, event: Happening): Log {
  switch (event.type) {
    case 'more':
      return { ...log, asking: next(log), error: null };
    case 'again':
      return { ...log, asking: gap(log) ?? next(log), error: null };
    case 'answered':
      return log.asking ? withPage(log, log.asking, event.answer) : log;
    case 'refused':
      return { ...log, asking: null, error: event.error };
    case 'ended':
      return withEnded(log, event.call);
  }
}

/** A page that closed a gap is followed by the next gap; one that still lacks something is not. */
function withPage(log: Log, args: Asking, page: Answer): Log {
  const added = { ...log, pages: [...log.pages, { page, args }] };
  return { ...added, asking: args.before !== null && page.problems.length === 0 ? gap(added) : null };
}

/** What to ask for where calls of a provider may be missing: all between the nearest calls that are there. */
function gap(log: Log): Asking | null {
  const merged = list(log);
  const [first] = merged ? gaps(merged).filter((each) => each.isRetryable) : [];
  if (!first) return null;
  return first.after || first.before ? { first: MOST, after: first.after, before: first.before } : FIRST;
}

const next = (log: Log): Asking => ({ ...FIRST, after: list(log)?.pageInfo.endCursor ?? null });

const list = ({ pages }: Log): Answer | null => (pages.length > 0 ? mergePages(pages) : null);

function withEnded(log: Log, call: Call): Log {
  const replaced = (calls: Call[]) => calls.map((each) => (each.id === call.id ? call : each));
  const known = [...log.live, ...calls(log)].some((each) => each.id === call.id);
  if (!known) return { ...log, live: [call, ...log.live] };
  const pages = log.pages.map(({ page, args }) => {
    const edges = page.edges.map((edge) => (edge.node.id === call.id ? { ...edge, node: call } : edge));
    return { page: { ...page, edges }, args };
  });
  return { ...log, pages, live: replaced(log.live) };
}

const calls = (log: Log): Call[] => list(log)?.edges.map((edge) => edge.node) ?? [];

/** The calls of the pages; not those that stand above them already. */
export function listed(log: Log): Call[] {
  const above = new Set(log.live.map((call) => call.id));
  return calls(log).filter((call) => !above.has(call.id));
}

/** What is missing, once for each provider and reason. A search that stopped at its limit misses nothing: it goes on. */
export function missing(log: Log): Problem[] {
  const found = (list(log)?.problems ?? []).filter((problem) => problem.code !== 'SCAN_LIMIT');
  return [...new Map(found.map((each) => [keyOf(each), each])).values()];
}

export const keyOf = ({ provider, code, message }: Problem): string => `${provider?.name ?? ''} ${code} ${message}`;

export const hasMore = (log: Log): boolean => list(log)?.pageInfo.hasNextPage ?? false;

/** Whether the last search stopped at its limit: then a person says whether it goes on. */
export const isLong = (log: Log): boolean => list(log)?.problems.some((each) => each.code === 'SCAN_LIMIT') ?? false;
