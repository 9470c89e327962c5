// How the page asks: a key that was given counts in all tabs, what is refused says what to do here, and the schema comes along with the key.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

const HINT = ' On this page: write {"X-API-Key": "…"} under Headers, below the query; it then counts in all tabs.';
const PROBE = { query: '{ __schema { queryType { name } } }' };
const UNAUTHORIZED = 4401;

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

const why = (cause) => {
  if (!(cause instanceof CloseEvent)) return cause instanceof Error ? { message: cause.message } : cause;
  const message = `the connection was closed: ${cause.code} ${cause.reason}`.trim();
  return { message: cause.code === UNAUTHORIZED ? message + HINT : message };
};

// Browsers give a WebSocket no headers: its first message holds them.
const follow = (request, headers) => ({
  subscribe(listener) {
    const client = createClient({ url: socket.href, connectionParams: headers });
    return { unsubscribe: client.subscribe(request, { ...listener, error: (cause) => listener.error(why(cause)) }) };
  },
});

export default () => {
  // The console's key, which is that of this tab.
  const key = sessionStorage.getItem('telegraphql:key');
  let known = key ? { authorization: `Bearer ${key}` } : {};
  // Called with what asks for the schema anew, once that may be asked for.
  const asking = { renewed: () => {} };

  const learn = async (given) => {
    const told = await post(PROBE, { headers: given });
    if (!isRefused(told)) known = given;
    if (told.data) asking.renewed();
  };

  asking.fetcher = async (request, more) => {
    const given = Object.fromEntries(Object.entries(more?.headers ?? {}).filter(isCredential));
    const isNew = Object.keys(given).length > 0 && JSON.stringify(given) !== JSON.stringify(known);
    const headers = { ...(Object.keys(given).length > 0 ? {} : known), ...more?.headers };
    if (follows(request, more?.documentAST)) {
      if (isNew) learn(given);
      return follow(request, headers);
    }
    const answer = await post(request, { ...more, headers });
    if (isRefused(answer)) for (const error of answer.errors) error.message += HINT;
    else if (isNew) learn(given);
    return answer;
  };
  return asking;
};
