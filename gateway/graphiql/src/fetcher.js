// How the page asks: a key that was given counts in all tabs, what is refused is told in words, and the schema comes along with the key.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { inWords } from './refusals.js';

// The console's key, which is that of this tab.
const KEY = 'telegraphql:key';
const PROBE = { query: '{ __schema { queryType { name } } }' };
const KEPT_EVENTS = 100;

const endpoint = new URL('/graphql', location.origin);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol.replace('http', 'ws');

// The gateway answers whole; asking for multipart would only cost the error status codes.
const post = createGraphiQLFetcher({ url: endpoint.href, enableIncrementalDelivery: false });

const isCredential = ([name]) => ['authorization', 'x-api-key'].includes(name.toLowerCase());
const isRefused = (answer) => answer.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED');

const follows = (request, document) =>
  document?.definitions.some(
    (each) => each.operation === 'subscription' && (!request.operationName || each.name?.value === request.operationName),
  );

// Events stay, the newest above: each alone would take the place of the one before.
const kept = (show) => {
  const events = [];
  return (answer) => {
    events.unshift(answer.errors ? answer : answer.data);
    events.length = Math.min(events.length, KEPT_EVENTS);
    show({ events: [...events] });
  };
};

// Browsers give a WebSocket no headers: its first message holds them.
const follow = (request, headers, told) => ({
  subscribe(listener) {
    const client = createClient({ url: socket.href, connectionParams: headers });
    const error = (cause) => {
      const refusal = inWords(cause);
      told(refusal.message);
      listener.error(refusal);
    };
    return { unsubscribe: client.subscribe(request, { ...listener, next: kept(listener.next), error }) };
  },
});

const bearer = (key) => (key ? { authorization: `Bearer ${key}` } : {});

export default () => {
  let known = bearer(sessionStorage.getItem(KEY));
  // `renewed` asks for the schema anew, once that may be asked for. `told` shows a refusal in words, or "" when there is none.
  const asking = { renewed: () => {}, told: () => {}, ran: () => {} };

  const learn = async (given) => {
    const answer = await post(PROBE, { headers: given });
    if (!isRefused(answer)) known = given;
    if (answer.data) asking.renewed();
  };

  asking.hasKey = () => Boolean(sessionStorage.getItem(KEY));
  asking.useKey = (key) => {
    if (key) sessionStorage.setItem(KEY, key);
    else sessionStorage.removeItem(KEY);
    known = bearer(key);
    asking.told('');
    asking.renewed();
  };

  asking.fetcher = async (request, more) => {
    const given = Object.fromEntries(Object.entries(more?.headers ?? {}).filter(isCredential));
    const isNew = Object.keys(given).length > 0 && JSON.stringify(given) !== JSON.stringify(known);
    const headers = { ...(Object.keys(given).length > 0 ? {} : known), ...more?.headers };
    // The schema comes when it likes: only the visitor's own questions take back what was told.
    const isOwn = request.operationName !== 'IntrospectionQuery';
    if (isOwn) {
      asking.ran();
      asking.told('');
    }
    if (follows(request, more?.documentAST)) {
      if (isNew) learn(given);
      return follow(request, headers, asking.told);
    }
    const answer = await post(request, { ...more, headers }).catch((cause) => ({ errors: [inWords(cause)] }));
    if (answer.errors) answer.errors = answer.errors.map(inWords);
    if (answer.errors) asking.told(answer.errors[0].message);
    if (isNew && !isRefused(answer)) learn(given);
    return answer;
  };
  return asking;
};
