// How the console loads: what nobody waits for any more is aborted, what needs a key asks for one, and a gateway that cannot be reached is asked again.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp } from './app-context';
import { KeyNeeded } from './gateway';

const RETRY = 5_000;

type Load = (signal: AbortSignal) => Promise<void>;
type Turns = { every: number | undefined; onKeyNeeded: (message: string) => void; onUnreachable: () => void };

/** Load now, then every so many milliseconds while somebody looks. Return what ends it. */
function inTurns(load: Load, { every, onKeyNeeded, onUnreachable }: Turns): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = async (isFirst: boolean): Promise<void> => {
    let wait = every;
    try {
      if (isFirst || !document.hidden) await load(stop.signal);
    } catch (error) {
      if (stop.signal.aborted) return;
      if (error instanceof KeyNeeded) {
        onKeyNeeded(error.message);
        return;
      }
      onUnreachable();
      wait = RETRY;
    }
    if (wait && !stop.signal.aborted) timer = setTimeout(() => { void turn(false); }, wait);
  };
  void turn(true);
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

/** Load whenever `of` changes, which names what is loaded. Null: nothing is to be loaded. */
export function useLoad(of: string | null, load: Load, onUnreachable: () => void, every?: number): void {
  const { onKeyNeeded } = useApp();
  const latest = useLatest({ load, onUnreachable });
  useEffect(() => {
    if (of === null) return undefined;
    return inTurns((signal) => latest.current.load(signal), { every, onKeyNeeded, onUnreachable: () => { latest.current.onUnreachable(); } });
  }, [of, every, onKeyNeeded, latest]);
}

export type Loaded<T> = { value: T | null; isLoading: boolean; isUnreachable: boolean; reload: () => void };

/** Return what is loaded. While something else is loaded, the value is still the one before. */
export function useLoaded<T>(of: string | null, load: (signal: AbortSignal) => Promise<T>, every?: number): Loaded<T> {
  const [state, setState] = useState<{ of: string | null; value: T | null; isUnreachable: boolean }>({ of: '', value: null, isUnreachable: false });
  const [round, setRound] = useState(0);
  useLoad(
    of && `${String(round)} ${of}`,
    async (signal) => {
      const value = await load(signal);
      setState({ of, value, isUnreachable: false });
    },
    () => { setState((before) => ({ of, value: before.of === of ? before.value : null, isUnreachable: true })); },
    every,
  );
  const reload = useCallback(() => { setRound((before) => before + 1); }, []);
  return { value: state.value, isLoading: state.of !== of, isUnreachable: state.isUnreachable, reload };
}

/** Return a reference that always holds the newest value, for callbacks that outlive a rendering. */
export function useLatest<T>(value: T): React.RefObject<T> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
