// A list whose pages may lack a provider, as `telegraphql-client/relay` merges it.
import { graphql } from 'react-relay';

export const query = graphql`
  query PagesQuery($first: Int, $after: String, $before: String, $filter: CallFilter, $order: TimeOrder) {
    calls(first: $first, after: $after, before: $before, filter: $filter, order: $order)
      @connection(key: "Pages_calls", filters: ["filter", "order"]) {
      edges {
        cursor
        node {
          id
          occurredAt
          from { number }
          provider { name }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      problems {
        provider { name }
        code
        message
        retryable
        retryAfter
        field
        count
        range { since until }
      }
    }
  }
`;
