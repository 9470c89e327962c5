// The gateway: every question of the console goes through here, with the visitor's key.
import type { TypedDocumentString } from './gql/graphql';
import { forgetRenewal, renewed, type SignInSettings } from './oidc';

const ENDPOINT = '/graphql';
const KEY = 'telegraphql:key';
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 15_000;

export type Failure = { message: string; path?: readonly (string | number)[]; extensions?: { code?: string } };
export type Answer<T> = { data: T | null; errors: readonly Failure[] };

/** The gateway wants a key, or another one. */
export class KeyNeeded extends Error {}

/** The key or token of this tab. It is gone when the tab is closed. */
export const key = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: (value: string) => {
    sessionStorage.setItem(KEY, value);
  },
  forget: () => {
    sessionStorage.removeItem(KEY);
    forgetRenewal();
  },
};

type Document<T, V> = TypedDocumentString<T, V>;

const requestOf = async <T, V>(document: Document<T, V>, variables: V, accept: string, signal?: AbortSignal): Promise<RequestInit> => {
  const headers: Record<string, string> = { accept, 'content-type': 'application/json' };
  const token = await renewed();
  if (token) key.set(token);
  const credential = key.get();
  if (credential) headers['authorization'] = `Bearer ${credential}`;
  // The gateway knows the page's documents by their ids; another version of the page than its own sends the text.
  const named = import.meta.env.DEV ? { query: document.toString() } : { documentId: String(document.__meta__?.['hash']) };
  return { method: 'POST', headers, body: JSON.stringify({ ...named, variables }), signal: signal ?? null };
};

const checked = async (response: Response): Promise<Response> => {
  if (response.status === 401) throw new KeyNeeded(await firstMessage(response));
  return response;
};

const firstMessage = async (response: Response): Promise<string> => {
  try {
    const body = (await response.json()) as { errors?: readonly Failure[] };
    return body.errors?.[0]?.message ?? `HTTP ${String(response.status)}`;
  } catch {
    return `HTTP ${String(response.status)}`;
  }
};

/** Send a query, and return its data with what is missing from them. */
export async function ask<T, V>(document: Document<T, V>, variables: V, signal?: AbortSignal): Promise<Answer<T>> {
  const response = await checked(await fetch(ENDPOINT, await requestOf(document, variables, 'application/json', signal)));
  const body = (await response.json()) as { data?: T | null; errors?: readonly Failure[] };
  return { data: body.data ?? null, errors: body.errors ?? [] };
}

type Listener<T> = { next: (data: T) => void; live: (isLive: boolean) => void };

/** Follow a subscription until the returned function is called. A lost connection is opened again at `resume()`. */
export function follow<T, V>(document: Document<T, V>, resume: () => V, listener: Listener<T>): () => void {
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    let wait = FIRST_RETRY;
    while (!stop.signal.aborted) {
      try {
        const response = await checked(await fetch(ENDPOINT, await requestOf(document, resume(), 'text/event-stream', stop.signal)));
        if (response.ok && response.body) {
          for await (const data of events<T>(response.body, () => { listener.live(true); })) {
            wait = FIRST_RETRY;
            listener.next(data);
          }
        }
      } catch (error) {
        if (error instanceof KeyNeeded) break;
      }
      listener.live(false);
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, LONGEST_RETRY);
    }
  };
  void run();
  return () => {
    stop.abort();
  };
}

/** Yield the data of each event of a stream in the distinct connections mode of graphql-sse. */
async function* events<T>(body: ReadableStream<Uint8Array>, opened: () => void): AsyncGenerator<T> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    opened();
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '));
      const answer = data && block.startsWith('event: next') ? (JSON.parse(data.slice(6)) as { data?: T | null }) : null;
      if (answer?.data) yield answer.data;
    }
  }
}

export type ConsoleConfig = { version: string; graphiql: boolean; sandbox: boolean; signIn: SignInSettings | null };

/** Ask which parts this gateway serves. */
export const config = async (): Promise<ConsoleConfig> => (await (await fetch('/console/config')).json()) as ConsoleConfig;

/** Return a file's address at this gateway: links name its public address, which may be another one than the page's. */
export const fileAddress = (url: string): string => {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
};

/** Return the address at which GraphiQL opens a query. It follows the "#", so no server log contains it. */
export const graphiqlAddress = (document: { toString: () => string }, variables: unknown): string =>
  `/graphiql#${new URLSearchParams({ query: document.toString(), variables: JSON.stringify(variables, null, 2) }).toString()}`;
