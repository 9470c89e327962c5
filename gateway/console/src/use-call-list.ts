// The list of calls as state: its first page, the next ones, and its gaps tried again.
import { useCallback, useEffect, useState } from 'react';
import { ask, KeyNeeded, type Answer, type Failure } from './gateway';
import { useApp } from './app-context';
import { EMPTY, filterOfGap, withGap, withoutGap, withPage, type CallRow, type Gap, type List } from './call-list';
import { CallsDocument, type CallFilter, type CallsQuery } from './gql/graphql';

const PAGE = 100;
const GAP_PAGE = 500;

export type Columns = { withRecordings: boolean; withQueue: boolean; withCost: boolean };
type State = { of: string; list: List; isLoading: boolean; errors: readonly Failure[]; isUnreachable: boolean };
export type CallListState = Omit<State, 'of'> & { more: () => void; close: (gap: Gap) => Promise<number>; reload: () => void };

const ended = (list: List): List => ({ ...list, isComplete: true });

/** Return the calls that match a filter, page after page. */
export function useCallList(filter: CallFilter, columns: Columns): CallListState {
  const wanted = JSON.stringify({ filter, ...columns });
  const [round, setRound] = useState(0);
  const of = `${String(round)} ${wanted}`;
  const [state, setState] = useState<State>({ of, list: EMPTY, isLoading: true, errors: [], isUnreachable: false });
  const { onKeyNeeded } = useApp();
  const isCurrent = state.of === of;

  // A page is put to the list as it is by then: a gap may have been closed while the page was read. A page of another list is dropped.
  const load = useCallback(async (after: string | null, signal?: AbortSignal) => {
    const put = (change: (list: List) => List, errors: readonly Failure[], isUnreachable = false): void => {
      setState((before) => {
        if (after !== null && (before.of !== of || before.list.endCursor !== after)) return before;
        return { of, list: change(after === null ? EMPTY : before.list), isLoading: false, errors, isUnreachable };
      });
    };
    try {
      const variables = { ...(JSON.parse(wanted) as Columns & { filter: CallFilter }), first: PAGE, after };
      const { data, errors }: Answer<CallsQuery> = await ask(CallsDocument, variables, signal);
      if (data) put((list) => withPage(list, data.calls), []);
      else put(ended, errors);
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof KeyNeeded) onKeyNeeded(error.message);
      else put(ended, [], true);
    }
  }, [of, wanted, onKeyNeeded]);

  useEffect(() => {
    const stop = new AbortController();
    void load(null, stop.signal);
    return () => { stop.abort(); };
  }, [load]);

  const more = (): void => {
    if (!isCurrent || state.isLoading || state.list.isComplete) return;
    setState({ ...state, isLoading: true });
    void load(state.list.endCursor);
  };

  const close = async (gap: Gap): Promise<number> => {
    const change = (to: (list: List) => List): void => { setState((before) => (before.of === of ? { ...before, list: to(before.list) } : before)); };
    const found: CallRow[] = [];
    const variables = { ...(JSON.parse(wanted) as Columns & { filter: CallFilter }), first: GAP_PAGE, filter: filterOfGap(filter, gap) };
    for (let after: string | null = null; ; ) {
      const { data }: Answer<CallsQuery> = await ask(CallsDocument, { ...variables, after });
      const problem = data?.calls.problems[0];
      if (!data || problem) {
        if (problem) change((list) => withGap(list, gap, problem));
        return -1;
      }
      found.push(...data.calls.nodes);
      after = data.calls.pageInfo.endCursor;
      if (!data.calls.pageInfo.hasNextPage) break;
    }
    change((list) => withoutGap(list, gap, found));
    return found.length;
  };

  const shown = isCurrent ? state : { ...state, list: EMPTY, isLoading: true, errors: [] };
  return { ...shown, more, close, reload: () => { setRound((before) => before + 1); } };
}
