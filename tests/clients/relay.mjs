// relay-runtime: node relay.mjs <folder of compiled operations> <url> [<headers as JSON>]
// Walks a connection in one store, follows ended calls into it, and says what the store holds, one JSON object a line.
import { createRequire } from 'node:module';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import { WebSocket } from 'ws';

const { ConnectionHandler, Environment, Network, Observable, RecordSource, Store } = relay;
const { createOperationDescriptor, fetchQuery, getSingularSelector, requestSubscription } = relay;

const [folder, url, headers = '{}'] = process.argv.slice(2);
const compiled = (name) => createRequire(import.meta.url)(`${folder}/${name}.graphql.js`);
const [LOG, PAGE, ENDED, FRAGMENT] = ['CallLogQuery', 'CallLogPageQuery', 'CallLogSubscription', 'CallLog_query'].map(compiled);
const say = (told) => console.log(JSON.stringify(told));

const post = async ({ text }, variables) => {
  const body = JSON.stringify({ query: text, variables });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...JSON.parse(headers) }, body });
  return response.json();
};
const socket = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: JSON.parse(headers) });
const follow = ({ text: query, name: operationName }, variables) =>
  Observable.create((sink) => socket.subscribe({ query, operationName, variables }, { next: sink.next, error: sink.error, complete: sink.complete }));
const environment = new Environment({ network: Network.create(post, follow), store: new Store(new RecordSource()) });

const list = { filter: null, order: 'NEWEST_FIRST' };
const operation = createOperationDescriptor(LOG, { filter: null });
environment.retain(operation);
const held = () => {
  const reference = environment.lookup(operation.fragment).data;
  return environment.lookup(getSingularSelector(FRAGMENT, reference)).data.calls;
};
const ids = () => held().edges.map((edge) => edge.node.id);

await fetchQuery(environment, LOG, { filter: null }).toPromise();
let pages = 1;
for (; held().pageInfo.hasNextPage; pages += 1)
  await fetchQuery(environment, PAGE, { ...list, first: 10, after: held().pageInfo.endCursor }).toPromise();
say({ pages, ids: ids(), problems: held().problems });

const connections = [ConnectionHandler.getConnectionID('client:root', 'CallLog_calls', list)];
const subscription = requestSubscription(environment, {
  subscription: ENDED,
  variables: { connections },
  onNext: ({ callEnded }) => {
    say({ ended: callEnded.call.id, ids: ids() });
    subscription.dispose();
    socket.dispose();
  },
  onError: (error) => { throw error; },
});
