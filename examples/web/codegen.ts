// Types for every operation of src/calls.graphql, from the schema of a gateway; `npm run dev` and `npm run build` write them to src/gql/.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { scalars } from 'telegraphql-client';

export default {
  schema: process.env.SCHEMA ?? `${process.env.GATEWAY ?? 'http://127.0.0.1:8000'}/graphql`,
  documents: 'src/*.graphql',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { enumsAsTypes: true, useTypeImports: true, strictScalars: true, scalars },
    },
  },
} satisfies CodegenConfig;
