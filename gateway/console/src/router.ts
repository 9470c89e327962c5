// Routes after the "#": a page and its parameters. Browsers do not send them, so no server log contains a telephone number.
import { useSyncExternalStore } from 'react';

export const PAGES = ['overview', 'calls', 'number', 'queues', 'statistics', 'providers'] as const;
export type PageName = (typeof PAGES)[number];
export type Route = { page: PageName; parameters: URLSearchParams };
type Parameters = Record<string, string | readonly string[] | null | undefined>;

const subscribe = (changed: () => void): (() => void) => {
  addEventListener('hashchange', changed);
  return () => { removeEventListener('hashchange', changed); };
};

const parse = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const page = PAGES.find((each) => each === path) ?? 'overview';
  return { page, parameters: new URLSearchParams(query) };
};

/** Return the route that the address names. */
export const useRoute = (): Route => parse(useSyncExternalStore(subscribe, () => location.hash));

/** Return the link to a page. */
export function link(page: PageName, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) if (each) query.append(name, each);
  }
  const text = query.toString();
  return `#/${page === 'overview' ? '' : page}${text ? `?${text}` : ''}`;
}

/** Go to a page. A change within a page replaces its entry in the history. */
export function go(page: PageName, parameters: Parameters = {}, { replace = false } = {}): void {
  const target = link(page, parameters);
  if (!replace) location.hash = target;
  else if (target !== location.hash) {
    history.replaceState(null, '', target);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}
