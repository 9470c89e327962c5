// @apollo/client: node apollo.mjs <url> <the lists' variables as JSON> <page size>; walks the lists in one cache, and says what it holds.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { possibleTypes, typePolicies } from 'telegraphql-client/apollo';

const [url, variables, first] = process.argv.slice(2);
const LIST = gql`
  query ($first: Int!, $after: String, $filter: CallFilter, $order: TimeOrder) {
    calls(first: $first, after: $after, filter: $filter, order: $order) {
      edges {
        node {
          id
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

const cache = new InMemoryCache({ typePolicies, possibleTypes });
const client = new ApolloClient({ cache, link: new HttpLink({ uri: url }) });

const begun = async (variables) => {
  const asked = { query: LIST, variables: { first: Number(first), ...variables } };
  await client.query(asked);
  const query = client.watchQuery(asked);
  query.subscribe(() => {});
  return { query, held: () => client.readQuery(asked).calls };
};

// One page of each list in turn, so that lists that are told apart badly run into each other.
const lists = await Promise.all(JSON.parse(variables).map(begun));
let pages = lists.length;
for (let open; (open = lists.filter(({ held }) => held().pageInfo.hasNextPage)).length > 0; ) {
  for (const { query, held } of open) {
    await query.fetchMore({ variables: { after: held().pageInfo.endCursor } });
    pages += 1;
  }
}
for (const { held } of lists) console.log(JSON.stringify(held().edges.map((edge) => edge.node.id)));
console.log(JSON.stringify({ pages, cached: Object.keys(cache.extract().ROOT_QUERY).filter((name) => name.startsWith('calls')).length }));
client.stop();
