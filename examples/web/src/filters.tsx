// Filters: a number, and a range of time in the visitor's zone. They stand in the address, so that a link shows the same calls.
import { useMemo } from 'react';
import { navigate, useSearch } from 'wouter/use-browser-location';
import type { CallFilter } from './gql/graphql';

const NAMES = ['number', 'from', 'to'] as const;

/** The filter of the address, and what puts another one there. The browser's buttons go back and forth between them. */
export function useFilters(): [URLSearchParams, CallFilter, (form: FormData) => void] {
  const search = useSearch();
  const asked = useMemo(() => new URLSearchParams(search), [search]);
  const filter = useMemo(() => filterOf(asked), [asked]);
  return [asked, filter, (form) => {
    const given = NAMES.map((name) => [name, (form.get(name) as string | null)?.trim() ?? ''] as const).filter(([, text]) => text);
    navigate(given.length > 0 ? `?${new URLSearchParams(given.map(([name, text]) => [name, text])).toString()}` : location.pathname);
  }];
}

export function Filters({ asked, onFilter }: { asked: URLSearchParams; onFilter: (form: FormData) => void }) {
  const given = (name: string) => asked.get(name) ?? '';
  return (
    <form
      key={asked.toString()}
      className="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onFilter(new FormData(event.currentTarget));
      }}
    >
      <label className="wide">Number <input name="number" type="search" inputMode="tel" autoComplete="off" placeholder="+41 61 …" defaultValue={given('number')} /></label>
      <label>From <input name="from" type="datetime-local" defaultValue={given('from')} /></label>
      <label>To <input name="to" type="datetime-local" defaultValue={given('to')} /></label>
      <button type="submit">Search</button>
      <button type="button" className="quiet" onClick={() => { onFilter(new FormData()); }}>Clear</button>
    </form>
  );
}

function filterOf(asked: URLSearchParams): CallFilter {
  const moment = (name: string) => {
    const found = new Date(asked.get(name) ?? '');
    return isNaN(found.getTime()) ? null : found.toISOString();
  };
  const [number, from, to] = [asked.get('number'), moment('from'), moment('to')];
  return { ...(number && { number: matching(number) }), ...((from ?? to) && { startedAt: { since: from, until: to } }) };
}

// A whole number is found however the provider writes it; of a part the digits are compared.
const matching = (number: string) => (/^(\+|00)(\D*\d){9}/.test(number) ? { equals: [number] } : { contains: number });
