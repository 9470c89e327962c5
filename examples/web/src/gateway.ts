// The gateway: queries over HTTP, subscriptions over a WebSocket, both with the visitor's key.
import type { EndedSubscription } from './gql/graphql';
import { Client, fetchExchange, subscriptionExchange, type CombinedError } from '@urql/core';
import { createClient } from 'graphql-ws';

const told = document.querySelector<HTMLMetaElement>('meta[name=gateway]')?.content;
const address = new URL(told ?? '/graphql', location.href);

type OnLive = (live: boolean) => void;
export type Gateway = { client: Client; hasKey: boolean; close: () => void };

export function connect(key: string, onLive: OnLive): Gateway {
  const credentials: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const socket = createClient({
    url: address.href.replace(/^http/, 'ws'),
    connectionParams: credentials,
    retryAttempts: Infinity,
    on: { connected: () => { onLive(true); }, closed: () => { onLive(false); } },
  });
  const client = new Client({
    url: address.href,
    preferGetMethod: false,
    fetchOptions: { headers: credentials },
    exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: (request) => following(socket, request, onLive) })],
  });
  return { client, hasKey: key !== '', close: () => void socket.dispose() };
}

type Sockets = ReturnType<typeof createClient>;
type Forward = Parameters<typeof subscriptionExchange>[0]['forwardSubscription'];

// After a lost connection graphql-ws sends the same payload again. Each event brings its cursor, so the payload then says
// where to go on, and what ended meanwhile comes first.
const following = (socket: Sockets, { query = '', variables }: Parameters<Forward>[0], onLive: OnLive): ReturnType<Forward> => ({
  subscribe: (sink) => {
    const payload = { query, variables: { ...variables } as Record<string, unknown> };
    const unsubscribe = socket.subscribe(payload, {
      next: (result) => {
        const after = (result.data as EndedSubscription | null | undefined)?.callEnded.cursor;
        if (after) payload.variables = { ...payload.variables, since: null, after };
        sink.next(result as Parameters<typeof sink.next>[0]);
      },
      error: (error) => { onLive(false); sink.error(error); },
      complete: () => { sink.complete(); },
    });
    return { unsubscribe };
  },
});

/** A file's address; links are relative to the gateway unless it knows its own name. */
export const file = (url: string): string => new URL(url, address).href;

/** Why there is no answer, in the gateway's own words. */
export function reason(error: CombinedError): { text: string; needsKey: boolean } {
  if (error.networkError && error.graphQLErrors.length === 0)
    return { text: `The gateway at ${address.origin} cannot be reached.`, needsKey: false };
  return {
    text: error.graphQLErrors.map((each) => each.message).join(' '),
    needsKey: error.graphQLErrors.some((each) => each.extensions.code === 'UNAUTHENTICATED'),
  };
}
