// Queries as state of a component: asked anew when their variables change, and again and again where they are to stay fresh.
import { useEffect, useState } from 'react';
import { ask, type Failure } from './gateway';
import type { TypedDocumentString } from './gql/graphql';
import { useLoaded } from './use-load';

export type Queried<T> = {
  data: T | null;
  errors: readonly Failure[];
  isLoading: boolean;
  isUnreachable: boolean;
  reload: () => void;
};

/** Return what a query answers, asked again every so many milliseconds. Without variables it waits. */
export function useQuery<T, V>(document: TypedDocumentString<T, V>, variables: V | null, { every }: { every?: number } = {}): Queried<T> {
  const of = variables && JSON.stringify(variables);
  const { value, ...state } = useLoaded(of, (signal) => ask(document, variables as V, signal), every);
  return { data: value?.data ?? null, errors: value?.errors ?? [], ...state };
}

/** Return the current time, renewed every so many milliseconds. */
export function useNow(every = 5_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, every);
    return () => { clearInterval(timer); };
  }, [every]);
  return now;
}
