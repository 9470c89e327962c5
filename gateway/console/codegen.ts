// Types for every operation of src/operations/, and the manifest of these operations; `npm run build` writes both to src/gql/.
import type { CodegenConfig } from '@graphql-codegen/cli';

export default {
  schema: process.env['SCHEMA'] ?? '../../schema/schema.graphql',
  documents: 'src/operations/*.graphql',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { Date: 'string', DateTime: 'string', Decimal: 'string', JSON: 'unknown', Long: 'number' },
      },
    },
  },
} satisfies CodegenConfig;
