// The width of an element, as the window changes.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';

/** Return a reference for an element, and its width in pixels: 0 before it is known. */
export function useWidth<E extends Element>(): [React.RefObject<E | null>, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return undefined;
    const observer = new ResizeObserver(([entry]) => { setWidth(Math.floor(entry?.contentRect.width ?? 0)); });
    observer.observe(element.current);
    return () => { observer.disconnect(); };
  }, []);
  return [element, width];
}

const NARROW = matchMedia('(max-width: 760px)');
const onNarrow = (changed: () => void): (() => void) => {
  NARROW.addEventListener('change', changed);
  return () => { NARROW.removeEventListener('change', changed); };
};

/** Return true on a narrow screen, such as that of a telephone. */
export const useIsNarrow = (): boolean => useSyncExternalStore(onNarrow, () => NARROW.matches);
