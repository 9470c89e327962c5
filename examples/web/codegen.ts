// Types for every operation of src/calls.graphql, from the schema of the gateway; `npm run dev` and `npm run build` write them to src/gql/.
import type { CodegenConfig } from '@graphql-codegen/cli';

export default {
  schema: '../../schema/schema.graphql',
  documents: 'src/*.graphql',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { Date: 'string', DateTime: 'string', Decimal: 'string', JSON: 'unknown', Long: 'number' },
      },
    },
  },
} satisfies CodegenConfig;
