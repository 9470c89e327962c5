// Hive Gateway's supergraph over the upstream's JSON: one subgraph; recordings by many ids at once, given to their calls by live_id.
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema';
import { defineConfig } from '@graphql-mesh/compose-cli';

const upstream = process.env.BENCH_UPSTREAM;

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadJSONSchemaSubgraph('calls', {
        endpoint: upstream,
        operations: [
          {
            type: 'Query',
            field: 'calls',
            path: '/shaped/{args.account}/wrapped?limit={args.first}&to={args.to}',
            method: 'GET',
            argTypeMap: { account: { type: 'string' }, first: { type: 'integer' }, to: { type: 'string' } },
            responseSample: './sample-calls.json',
            responseTypeName: 'Calls',
          },
          {
            type: 'Query',
            field: 'recordings',
            path: '/shaped/a/recordings?ids={args.ids}',
            method: 'GET',
            argTypeMap: { ids: { type: 'array', items: { type: 'integer' } } },
            responseSample: './sample-recordings.json',
          },
        ],
      }),
    },
  ],
  additionalTypeDefs: /* GraphQL */ `
    directive @resolveTo(
      sourceName: String
      sourceTypeName: String
      sourceFieldName: String
      keyField: String
      keysArg: String
      valueKeyField: String
    ) on FIELD_DEFINITION
    extend type query_calls_nodes_items {
      recordings: [query_recordings_items!]!
        @resolveTo(
          sourceName: "calls"
          sourceTypeName: "Query"
          sourceFieldName: "recordings"
          keyField: "live_id"
          keysArg: "ids"
          valueKeyField: "liveId"
        )
    }
  `,
});
