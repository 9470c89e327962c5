// GraphQL Code Generator, configured as the package's guide says.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { scalars } from 'telegraphql-client';

export default {
  schema: 'schema.graphql',
  documents: 'generated_types.ts',
  emitLegacyCommonJSImports: false,
  generates: { 'gql/': { preset: 'client', presetConfig: { fragmentMasking: false }, config: { strictScalars: true, useTypeImports: true, scalars } } },
} satisfies CodegenConfig;
