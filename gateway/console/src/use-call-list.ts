// The list of calls as state: its first page, the next ones, and its gaps tried again.
import { ask, type Answer } from './gateway';
import { EMPTY, filterOfGap, withGap, withoutGap, withPage, type CallRow, type Gap, type List } from './call-list';
import { CallsDocument, type CallFilter, type CallsQuery, type CallsQueryVariables } from './gql/graphql';
import { useGrowingList, type GrowingList } from './use-pages';

const PAGE = 100;
const GAP_PAGE = 500;

export type Columns = { withRecordings: boolean; withQueue: boolean; withCost: boolean };
export type CallListState = Omit<GrowingList<List>, 'change'> & { close: (gap: Gap) => Promise<number> };

const withAnswer = (list: List, { calls }: CallsQuery): List => withPage(list, calls);

/** Return the calls that match a filter, page after page. `close` returns how many calls closed a gap, or -1 if it is still there. */
export function useCallList(filter: CallFilter, columns: Columns): CallListState {
  const { change, ...list } = useGrowingList(CallsDocument, { first: PAGE, after: null, filter, ...columns }, EMPTY, withAnswer);

  const close = async (gap: Gap): Promise<number> => {
    const found: CallRow[] = [];
    for (let after: string | null = null; ; ) {
      const variables: CallsQueryVariables = { first: GAP_PAGE, after, filter: filterOfGap(filter, gap), ...columns };
      const { data }: Answer<CallsQuery> = await ask(CallsDocument, variables).catch((): Answer<CallsQuery> => ({ data: null, errors: [] }));
      const problem = data?.calls.problems[0];
      if (problem) change((before) => withGap(before, gap, problem));
      if (!data || problem) return -1;
      found.push(...data.calls.nodes);
      after = data.calls.pageInfo.endCursor;
      if (!data.calls.pageInfo.hasNextPage) break;
    }
    change((before) => withoutGap(before, gap, found));
    return found.length;
  };

  return { ...list, close };
}
