// graphql-request with the types of GraphQL Code Generator: node generated_types.js <url>
import { GraphQLClient } from 'graphql-request';
import { gaps, mergePages } from 'telegraphql-client';
import { graphql } from './gql/index.js';

declare const process: { argv: string[] };

const CALLS = graphql(`
  query Calls($first: Int, $after: String, $filter: CallFilter, $order: TimeOrder) {
    calls(first: $first, after: $after, filter: $filter, order: $order) {
      edges { cursor node { id occurredAt status durationSeconds cost { amount } native from { number } } }
      pageInfo { hasNextPage endCursor }
      problems { code provider { name } retryable retryAfter range { since until } }
      totalCountAtLeast
    }
  }
`);

const client = new GraphQLClient(process.argv[2]!);
const variables = { first: 2, order: 'OLDEST_FIRST' } as const;
const one = (await client.request(CALLS, variables)).calls;
const two = (await client.request(CALLS, { ...variables, after: one.pageInfo.endCursor })).calls;
const list = mergePages([
  { page: one, args: variables },
  { page: two, args: { ...variables, after: one.pageInfo.endCursor } },
]);

// What the compiler must know.
const moments: string[] = list.edges.map(({ node }) => node.occurredAt);
const costs: (string | undefined)[] = list.edges.map(({ node }) => node.cost?.amount);
// @ts-expect-error: a party may be null.
type NumberOfNull = (typeof list.edges)[number]['node']['from']['number'];
// @ts-expect-error: the upstream's own data may be anything.
type PartOfUnknown = (typeof list.edges)[number]['node']['native']['anything'];
// @ts-expect-error: this order does not exist.
const wrong: typeof variables.order = 'NEWEST';

console.log(JSON.stringify({ moments, costs: costs.length, gaps: gaps(list, variables.order), more: list.pageInfo.hasNextPage, wrong }));
