// A call log as Relay's users write one: a page by arguments, the next by its connection, one call anew by its id.
import { graphql } from 'react-relay';

export const log = graphql`
  fragment CallLog_query on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 25 }
    after: { type: "String" }
    filter: { type: "CallFilter" }
    order: { type: "TimeOrder", defaultValue: NEWEST_FIRST }
  )
  @refetchable(queryName: "CallLogPageQuery") {
    calls(first: $first, after: $after, filter: $filter, order: $order) @connection(key: "CallLog_calls", filters: ["filter", "order"]) {
      edges {
        node {
          id
          ...CallLog_call
        }
      }
      problems {
        provider { name }
        code
        message
      }
    }
  }
`;

export const call = graphql`
  fragment CallLog_call on Call
  @argumentDefinitions(withSound: { type: "Boolean", defaultValue: false })
  @refetchable(queryName: "CallLogCallQuery") {
    startedAt
    status
    provider {
      name
    }
    recordings @include(if: $withSound) {
      media {
        url
      }
    }
  }
`;

export const query = graphql`
  query CallLogQuery($filter: CallFilter) {
    ...CallLog_query @arguments(first: 10, filter: $filter)
  }
`;

export const subscription = graphql`
  subscription CallLogSubscription($connections: [ID!]!) {
    callEnded {
      call @prependNode(connections: $connections, edgeTypeName: "CallEdge") {
        id
        ...CallLog_call
      }
    }
  }
`;
