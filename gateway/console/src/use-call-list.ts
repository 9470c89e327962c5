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

/** Return the calls that match a filter, page after page. */
export function useCallList(filter: CallFilter, columns: Columns): CallListState {
  const wanted = JSON.stringify({ filter, ...columns });
  const [round, setRound] = useState(0);
  const of = `${String(round)} ${wanted}`;
  const [state, setState] = useState<State>({ of, list: EMPTY, isLoading: true, errors: [], isUnreachable: false });
  const { onKeyNeeded } = useApp();
  const isCurrent = state.of === of;

  const load = useCallback(async (list: List, signal?: AbortSignal) => {
    try {
      const variables = { ...(JSON.parse(wanted) as Columns & { filter: CallFilter }), first: PAGE, after: list.endCursor };
      const { data, errors }: Answer<CallsQuery> = await ask(CallsDocument, variables, signal);
      const next = data ? withPage(list, data.calls) : { ...list, isComplete: true };
      setState({ of, list: next, isLoading: false, errors: data ? [] : errors, isUnreachable: false });
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof KeyNeeded) onKeyNeeded(error.message);
      else setState({ of, list: { ...list, isComplete: true }, isLoading: false, errors: [], isUnreachable: true });
    }
  }, [of, wanted, onKeyNeeded]);

  useEffect(() => {
    const stop = new AbortController();
    void load(EMPTY, stop.signal);
    return () => { stop.abort(); };
  }, [load]);

  const more = (): void => {
    if (!isCurrent || state.isLoading || state.list.isComplete) return;
    setState({ ...state, isLoading: true });
    void load(state.list);
  };

  const close = async (gap: Gap): Promise<number> => {
    const found: CallRow[] = [];
    const variables = { ...(JSON.parse(wanted) as Columns & { filter: CallFilter }), first: GAP_PAGE, filter: filterOfGap(filter, gap) };
    for (let after: string | null = null; ; ) {
      const { data }: Answer<CallsQuery> = await ask(CallsDocument, { ...variables, after });
      const problem = data?.calls.problems[0];
      if (!data || problem) {
        if (problem) setState((before) => ({ ...before, list: withGap(before.list, gap, problem) }));
        return -1;
      }
      found.push(...data.calls.nodes);
      after = data.calls.pageInfo.endCursor;
      if (!data.calls.pageInfo.hasNextPage) break;
    }
    setState((before) => ({ ...before, list: withoutGap(before.list, gap, found) }));
    return found.length;
  };

  const shown = isCurrent ? state : { ...state, list: EMPTY, isLoading: true, errors: [] };
  return { ...shown, more, close, reload: () => { setRound((before) => before + 1); } };
}
