// Lists that come in pages: small ones are read whole, long ones page after page as somebody wants more.
import { useCallback, useState } from 'react';
import { ask, type Failure } from './gateway';
import type { ProblemPartsFragment, TypedDocumentString } from './gql/graphql';
import { useLoad, useLoaded } from './use-load';

type Page<N> = { nodes: readonly N[]; pageInfo: { hasNextPage: boolean; endCursor: string | null }; problems: readonly ProblemPartsFragment[] };
type Variables = { first: number; after?: string | null | undefined };
type Whole<N> = { nodes: readonly N[]; problems: readonly ProblemPartsFragment[]; errors: readonly Failure[]; isCut: boolean };
export type WholeList<N> = Whole<N> & { isLoading: boolean; isUnreachable: boolean };

const WHOLE_PAGE = 500;
const NOTHING = { nodes: [], problems: [], errors: [], isCut: false };

/** Return all records of a list, or the first `most` of them. `pick` names the list in the answer. */
export function useWholeList<T, V extends Variables, N>(
  document: TypedDocumentString<T, V>, variables: Omit<V, 'first' | 'after'>, pick: (data: T) => Page<N>, most: number,
): WholeList<N> {
  const read = async (signal: AbortSignal): Promise<Whole<N>> => {
    const nodes: N[] = [];
    const problems: ProblemPartsFragment[] = [];
    for (let after: string | null = null; ; ) {
      const { data, errors } = await ask(document, { ...variables, first: WHOLE_PAGE, after } as unknown as V, signal);
      if (!data) return { nodes, problems, errors, isCut: false };
      const page: Page<N> = pick(data);
      nodes.push(...page.nodes);
      problems.push(...page.problems);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage || nodes.length >= most) return { nodes, problems, errors: [], isCut: page.pageInfo.hasNextPage };
    }
  };
  const { value, isLoading, isUnreachable } = useLoaded(JSON.stringify(variables), read);
  return { ...(value ?? NOTHING), isLoading, isUnreachable };
}

type Ended = { endCursor: string | null; isComplete: boolean };
type Grown<L> = { of: string; list: L; after: string | null; isLoading: boolean; errors: readonly Failure[]; isUnreachable: boolean };
export type GrowingList<L> = Omit<Grown<L>, 'of' | 'after'> & { more: () => void; reload: () => void; change: (to: (list: L) => L) => void };

/** Return a list that begins as `empty`, and grows by a page at each `more()`. A page is put to the list as it is by then. */
export function useGrowingList<T, V extends Variables, L extends Ended>(
  document: TypedDocumentString<T, V>, variables: V, empty: L, add: (list: L, data: T) => L,
): GrowingList<L> {
  const [round, setRound] = useState(0);
  const of = `${String(round)} ${JSON.stringify(variables)}`;
  const first: Grown<L> = { of, list: empty, after: null, isLoading: true, errors: [], isUnreachable: false };
  const [state, setState] = useState(first);
  const shown = state.of === of ? state : first;
  const { after } = shown;
  const put = (to: (before: Grown<L>) => Partial<Grown<L>>): void => {
    setState((before) => {
      const current = before.of === of ? before : first;
      return { ...current, isLoading: false, isUnreachable: false, ...to(current) };
    });
  };
  useLoad(
    `${of} ${after ?? ''}`,
    async (signal) => {
      const { data, errors } = await ask(document, { ...variables, after }, signal);
      put(({ list }) => (data ? { list: add(list, data), errors: [] } : { list: { ...list, isComplete: true }, errors }));
    },
    () => { put(() => ({ isUnreachable: true })); },
  );
  // It decides by the newest state: a table asks for more before its parents have been told of the page that came.
  const more = useCallback(() => {
    setState((before) => {
      const next = before.list.endCursor;
      const isAsked = before.isLoading || before.list.isComplete || next === null || next === before.after;
      return isAsked ? before : { ...before, after: next, isLoading: true };
    });
  }, []);
  const { list, isLoading, errors, isUnreachable } = shown;
  return {
    list, isLoading, errors, isUnreachable, more,
    reload: () => { setRound((before) => before + 1); },
    change: (to) => { setState((before) => (before.of === of ? { ...before, list: to(before.list) } : before)); },
  };
}
