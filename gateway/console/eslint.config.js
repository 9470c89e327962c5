import hooks from 'eslint-plugin-react-hooks';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['dist/', 'src/gql/', 'eslint.config.js'] },
  typescript.configs.strictTypeChecked,
  typescript.configs.stylisticTypeChecked,
  hooks.configs.flat['recommended-latest'],
  { languageOptions: { parserOptions: { projectService: true } } },
  {
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      // The names that "tsc" wants in brackets stand in brackets.
      '@typescript-eslint/dot-notation': 'off',
      // It takes what a function does after an await for what it does at once.
      'react-hooks/set-state-in-effect': 'off',
      // They are about React's compiler, which does not build this page.
      'react-hooks/incompatible-library': 'off',
      'react-hooks/preserve-manual-memoization': 'off',
    },
  },
);
