// Hive Gateway's supergraph over the upstream's JSON: one subgraph, the relation in one batch.
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
        ],
      }),
    },
  ],
});
