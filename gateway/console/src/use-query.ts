// Queries as state of a component: asked anew when their variables change, and again and again where they are to stay fresh.
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, KeyNeeded, type Answer, type Failure } from './gateway';
import type { TypedDocumentString } from './gql/graphql';
import { useApp } from './app-context';

export type Loaded<T> = {
  data: T | null;
  errors: readonly Failure[];
  isLoading: boolean;
  isUnreachable: boolean;
  reload: () => void;
};

type Options = { every?: number };
type State<T> = { of: string; answer: Answer<T> | null; isUnreachable: boolean };

/** Return what a query answers. Without variables it waits. */
export function useQuery<T, V>(document: TypedDocumentString<T, V>, variables: V | null, { every }: Options = {}): Loaded<T> {
  const wanted = JSON.stringify(variables);
  const [state, setState] = useState<State<T>>({ of: '', answer: null, isUnreachable: false });
  const [round, setRound] = useState(0);
  const { onKeyNeeded } = useApp();

  useEffect(() => {
    if (wanted === 'null') return undefined;
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const answer = await ask(document, JSON.parse(wanted) as V, stop.signal);
        setState({ of: wanted, answer, isUnreachable: false });
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof KeyNeeded) onKeyNeeded(error.message);
        else setState((before) => ({ of: wanted, answer: before.of === wanted ? before.answer : null, isUnreachable: true }));
      }
    };
    void load();
    const timer = every ? setInterval(() => { if (!globalThis.document.hidden) void load(); }, every) : undefined;
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [document, wanted, every, round, onKeyNeeded]);

  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  const { answer } = state;
  return {
    data: answer?.data ?? null,
    errors: answer?.errors ?? [],
    isLoading: state.of !== wanted,
    isUnreachable: state.isUnreachable,
    reload,
  };
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

/** Return a reference that always holds the newest value, for callbacks that outlive a rendering. */
export function useLatest<T>(value: T): React.RefObject<T> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
