// graphql-request with the types of gql.tada: node inferred_types.js <url>
import { initGraphQLTada } from 'gql.tada';
import { GraphQLClient } from 'graphql-request';
import type { Scalars } from 'telegraphql-client';
import { gaps } from 'telegraphql-client';
import type { introspection } from './graphql-env.js';

const graphql = initGraphQLTada<{ introspection: introspection; scalars: Scalars }>();

declare const process: { argv: string[] };

const CALLS = graphql(`
  query Calls($first: Int, $filter: CallFilter) {
    calls(first: $first, filter: $filter) {
      edges { cursor node { id occurredAt status native } }
      problems { code provider { name } retryable retryAfter range { since until } }
    }
  }
`);

const { calls } = await new GraphQLClient(process.argv[2]!).request(CALLS, { first: 2 });
const moments: string[] = calls.edges.map(({ node }) => node.occurredAt);
// @ts-expect-error: the upstream's own data may be anything.
type PartOfUnknown = (typeof calls.edges)[number]['node']['native']['anything'];
// @ts-expect-error: this status does not exist.
const wrong = calls.edges.filter(({ node }) => node.status === 'NEVER');

console.log(JSON.stringify({ moments, gaps: gaps(calls), wrong }));
