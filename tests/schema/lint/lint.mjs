// Lints the printed schema: node lint.mjs <schema.graphql>; writes one JSON object a line for each complaint.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

const path = process.argv[2];
const { rules: relay } = graphql.configs['flat/schema-relay'];
const { rules: recommended } = graphql.configs['flat/schema-recommended'];
const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.graphql'],
      plugins: { '@graphql-eslint': graphql },
      languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: path } } },
      rules: {
        ...recommended,
        ...relay,
        // Values such as an amount of money have no id.
        '@graphql-eslint/strict-id-in-types': 'off',
        // `nodes` lists records beside `edges`, as other graphs' connections do.
        '@graphql-eslint/relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
      },
    },
  ],
});
const [result] = await eslint.lintText(readFileSync(path, 'utf8'), { filePath: basename(path) });
for (const { ruleId, line, message } of result.messages) console.log(JSON.stringify({ rule: ruleId, line, message }));
console.log(JSON.stringify({ done: true }));
