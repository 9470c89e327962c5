// The log: pages in the order of the list, and above them what ended since. Every call stands in it once.
import type { CombinedError } from '@urql/core';
import type { CallFragment, NewestQuery } from './gql/graphql';

export type Call = CallFragment;
type Answer = NewestQuery['calls'];
export type Problem = Answer['problems'][number];
type Page = { after: string | null; answer: Answer };
/** Which page is asked for: its place, and the cursor it comes after. */
type Asking = { at: number; after: string | null };

export type Log = { live: Call[]; pages: Page[]; asking: Asking | null; error: CombinedError | null };
export type Happening =
  | { type: 'more' }
  | { type: 'again' }
  | { type: 'answered'; answer: Answer }
  | { type: 'refused'; error: CombinedError }
  | { type: 'ended'; call: Call };

export const EMPTY: Log = { live: [], pages: [], asking: { at: 0, after: null }, error: null };

export function reduce(log: Log, event: Happening): Log {
  switch (event.type) {
    case 'more':
      return { ...log, asking: next(log), error: null };
    case 'again':
      return { ...log, asking: firstIncomplete(log) ?? next(log), error: null };
    case 'answered':
      return log.asking ? { ...log, pages: withPage(log.pages, log.asking, event.answer), asking: null } : log;
    case 'refused':
      return { ...log, asking: null, error: event.error };
    case 'ended':
      return withEnded(log, event.call);
  }
}

// A page that lacks a provider's calls reaches further back than the complete one. So what follows it is asked for anew, too.
const withPage = (pages: Page[], { at, after }: Asking, answer: Answer): Page[] => [...pages.slice(0, at), { after, answer }];

function firstIncomplete({ pages }: Log): Asking | null {
  const at = pages.findIndex((page) => page.answer.problems.some(isMissing));
  const page = pages[at];
  return page ? { at, after: page.after } : null;
}

const next = (log: Log): Asking => ({ at: log.pages.length, after: end(log)?.endCursor ?? null });

function withEnded(log: Log, call: Call): Log {
  const replaced = (calls: Call[]) => calls.map((each) => (each.id === call.id ? call : each));
  const pages = log.pages.map((page) => ({ ...page, answer: { ...page.answer, nodes: replaced(page.answer.nodes) } }));
  const known = [...log.live, ...log.pages.flatMap((page) => page.answer.nodes)].some((each) => each.id === call.id);
  return known ? { ...log, pages, live: replaced(log.live) } : { ...log, live: [call, ...log.live] };
}

const end = (log: Log) => log.pages.at(-1)?.answer.pageInfo;

/** The calls of the pages; not those that stand above them already. */
export function listed(log: Log): Call[] {
  const above = new Set(log.live.map((call) => call.id));
  return log.pages.flatMap((page) => page.answer.nodes).filter((call) => !above.has(call.id));
}

/** What is missing, once for each provider and reason. A search that stopped at its limit misses nothing: it goes on. */
export function missing(log: Log): Problem[] {
  const found = log.pages.flatMap((page) => page.answer.problems).filter(isMissing);
  return [...new Map(found.map((each) => [keyOf(each), each])).values()];
}

export const keyOf = ({ provider, code, message }: Problem): string => `${provider?.name ?? ''} ${code} ${message}`;

const isMissing = (problem: Problem) => problem.code !== 'SCAN_LIMIT';

export const hasMore = (log: Log): boolean => end(log)?.hasNextPage ?? false;

/** Whether the last search stopped at its limit: then a person says whether it goes on. */
export const isLong = (log: Log): boolean => log.pages.at(-1)?.answer.problems.some((each) => each.code === 'SCAN_LIMIT') ?? false;
