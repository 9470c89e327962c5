// Lists that are small enough to be read whole: page after page, up to a limit.
import { useEffect, useState } from 'react';
import { useApp } from './app-context';
import { ask, KeyNeeded, type Failure } from './gateway';
import type { ProblemPartsFragment, TypedDocumentString } from './gql/graphql';

type Page<N> = { nodes: readonly N[]; pageInfo: { hasNextPage: boolean; endCursor: string | null }; problems: readonly ProblemPartsFragment[] };
type Variables = { first: number; after?: string | null | undefined };
export type Pages<N> = { nodes: readonly N[]; problems: readonly ProblemPartsFragment[]; errors: readonly Failure[]; isLoading: boolean; isUnreachable: boolean; isCut: boolean };

const PAGE = 500;

/** Return all records of a list, or the first `most` of them. `pick` names the list in the answer. */
export function usePages<T, V extends Variables, N>(
  document: TypedDocumentString<T, V>, variables: Omit<V, 'first' | 'after'>, pick: (data: T) => Page<N>, most: number,
): Pages<N> {
  const wanted = JSON.stringify(variables);
  const none = { nodes: [], problems: [], errors: [], isUnreachable: false, isCut: false };
  const [state, setState] = useState<Omit<Pages<N>, 'isLoading'> & { of: string }>({ of: '', ...none });
  const { onKeyNeeded } = useApp();
  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      const nodes: N[] = [];
      const problems: ProblemPartsFragment[] = [];
      let after: string | null = null;
      for (;;) {
        const { data, errors } = await ask(document, { ...(JSON.parse(wanted) as object), first: PAGE, after } as unknown as V, stop.signal);
        if (!data) {
          setState({ of: wanted, nodes, problems, errors, isUnreachable: false, isCut: false });
          return;
        }
        const page: Page<N> = pick(data);
        nodes.push(...page.nodes);
        problems.push(...page.problems);
        after = page.pageInfo.endCursor;
        if (page.pageInfo.hasNextPage && nodes.length < most) continue;
        setState({ of: wanted, nodes, problems, errors: [], isUnreachable: false, isCut: page.pageInfo.hasNextPage });
        return;
      }
    };
    load().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      if (error instanceof KeyNeeded) onKeyNeeded(error.message);
      else setState({ of: wanted, nodes: [], problems: [], errors: [], isUnreachable: true, isCut: false });
    });
    return () => { stop.abort(); };
  }, [document, wanted, pick, most, onKeyNeeded]);
  return { ...state, isLoading: state.of !== wanted };
}
