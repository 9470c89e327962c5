// The visitor's API key: kept for this tab, and no longer.
import { useEffect, useRef, useState } from 'react';

const NAME = 'telegraphql-key';

export function useKey(): [string, (key: string) => void] {
  const [key, setKey] = useState(() => sessionStorage.getItem(NAME) ?? '');
  return [key, (given) => { sessionStorage.setItem(NAME, given); setKey(given); }];
}

export function Key({ value, isWanted, onKey }: { value: string; isWanted: boolean; onKey: (key: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => { if (isWanted) field.current?.focus(); }, [isWanted]);
  return (
    <details className="key" open={isWanted}>
      <summary>API key{value && ' ✓'}</summary>
      <form onSubmit={(event) => { event.preventDefault(); onKey(field.current?.value.trim() ?? ''); }}>
        <label>API key <input ref={field} type="password" defaultValue={value} autoComplete="off" spellCheck={false} /></label>
        <button type="submit">Use</button>
      </form>
    </details>
  );
}
