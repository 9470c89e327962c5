// Merged pages: node merged_pages.mjs <apollo | urql | tanstack | relay> <url> <origin of a sandbox> <scenarios as JSON> <folder of compiled operations>
// Walks a list while the sandbox fails on some pages, tells what is missing, requests that again, and says both, one JSON object a scenario.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { InfiniteQueryObserver, QueryClient } from '@tanstack/query-core';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { GraphQLClient } from 'graphql-request';
import { parse } from 'graphql';
import { createRequire } from 'node:module';
import relayRuntime from 'relay-runtime';
import { gaps, mergePages } from 'telegraphql-client';
import { possibleTypes, typePolicies } from 'telegraphql-client/apollo';
import { graphcache } from 'telegraphql-client/graphcache';
import { connectionHandler } from 'telegraphql-client/relay';

const [client, url, origin, scenarios, folder] = process.argv.slice(2);
const LIST = parse(`
  query ($first: Int, $after: String, $before: String, $filter: CallFilter, $order: TimeOrder) {
    calls(first: $first, after: $after, before: $before, filter: $filter, order: $order) {
      edges { cursor node { id occurredAt from { number } provider { name } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      problems { provider { name } code message retryable retryAfter field count range { since until } }
    }
  }
`);

async function apollo(variables) {
  const made = new ApolloClient({ cache: new InMemoryCache({ typePolicies, possibleTypes }), link: new HttpLink({ uri: url }) });
  await made.query({ query: LIST, variables });
  const query = made.watchQuery({ query: LIST, variables });
  query.subscribe(() => {});
  return { list: () => made.readQuery({ query: LIST, variables }).calls, more: (page) => query.fetchMore({ variables: page }), end: () => made.stop() };
}

async function urql(variables) {
  const made = new Client({ url, preferGetMethod: false, exchanges: [cacheExchange(graphcache), fetchExchange] });
  const more = async (page) => {
    const { error } = await made.query(LIST, { ...variables, ...page }).toPromise();
    if (error) throw error;
  };
  await more({});
  return { list: () => made.readQuery(LIST, variables).data.calls, more };
}

async function tanstack({ first, ...list }) {
  const [made, requests, queryKey] = [new QueryClient(), new GraphQLClient(url), ['calls', list]];
  const request = async (page) => (await requests.request(LIST, { ...list, ...page })).calls;
  const merged = (pages, args) => mergePages(pages.map((page, index) => ({ page, args: { ...list, ...args[index] } })));
  const query = new InfiniteQueryObserver(made, {
    queryKey,
    queryFn: ({ pageParam }) => request(pageParam),
    initialPageParam: { first },
    getNextPageParam: (_last, pages, _param, args) => {
      const { hasNextPage, endCursor } = merged(pages, args).pageInfo;
      return hasNextPage ? { first, after: endCursor } : undefined;
    },
    select: ({ pages, pageParams }) => merged(pages, pageParams),
  });
  const end = query.subscribe(() => {});
  await query.fetchOptimistic(query.options);
  const more = async (page) => {
    if (!('before' in page)) return query.fetchNextPage();
    const again = await request(page);
    made.setQueryData(queryKey, ({ pages, pageParams }) => ({ pages: [...pages, again], pageParams: [...pageParams, page] }));
  };
  return { list: () => query.getCurrentResult().data, more, end: () => { end(); made.clear(); } };
}

async function relay(variables) {
  const { ConnectionHandler, Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery } = relayRuntime;
  const QUERY = createRequire(import.meta.url)(`${folder}/PagesQuery.graphql.js`);
  const post = async ({ text }, given) => {
    const body = JSON.stringify({ query: text, variables: given });
    return (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
  };
  const connection = connectionHandler(ConnectionHandler);
  const handlerProvider = (handle) => (handle === 'connection' ? connection : undefined);
  const environment = new Environment({ network: Network.create(post), store: new Store(new RecordSource()), handlerProvider });
  const operation = createOperationDescriptor(QUERY, variables);
  environment.retain(operation);
  const more = async (page) => fetchQuery(environment, QUERY, { ...variables, ...page }).toPromise();
  await more({});
  return { list: () => environment.lookup(operation.fragment).data.calls, more };
}

const sick = (status) => fetch(`${origin}/_sandbox/faults`, status ? { method: 'PUT', body: JSON.stringify({ status }) } : { method: 'DELETE' });
const ids = ({ edges }) => edges.map((edge) => edge.node.id);

for (const { failing, heal = 500, ...variables } of JSON.parse(scenarios)) {
  const fail = async (page) => sick(failing.includes(page) ? 503 : 0);
  await fail(1);
  const { list, more, end } = await { apollo, urql, tanstack, relay }[client](variables);
  let pages = 1;
  const toTheEnd = async () => {
    for (; list().pageInfo.hasNextPage; pages += 1) {
      await fail(pages + 1);
      await more({ first: variables.first, after: list().pageInfo.endCursor });
    }
    await sick(0);
  };
  await toTheEnd();
  const lacking = { pages, ids: ids(list()), problems: list().problems, gaps: gaps(list(), variables.order) };
  let requests = 0;
  for (let gap; ([gap] = gaps(list(), variables.order)).length > 0 && gap && requests < 50; requests += 1)
    await more({ first: heal, after: gap.after, before: gap.before });
  console.log(JSON.stringify({ lacking, healed: { requests, ids: ids(list()), problems: list().problems, pageInfo: list().pageInfo } }));
  end?.();
}
