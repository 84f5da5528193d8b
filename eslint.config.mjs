// Lint with type information, and the layers of ARCHITECTURE.md as import zones.
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const server = (folder) => `./language-server/${folder}`;

export default tseslint.config(
  {
    ignores: [
      'out/',
      'dist/',
      'node_modules/',
      '.cache/',
      'test-output/',
      'models/recipe/',
      '**/*.mjs',
      'test/corpus/',
      'test/cases/',
      'docs/samples/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'], defaultProject: 'tsconfig.base.json' },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      // Typed arrays are indexed in known bounds everywhere; tree-sitter's own binding relaxes the same two.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            {
              target: './extension',
              from: './language-server',
              except: ['./protocol.ts'],
              message: 'The client knows the server by protocol.ts alone.',
            },
            { target: './syntax', from: ['./language-server', './extension', './models', './cli'] },
            {
              target: server('tokens'),
              from: ['inference', 'decoding', 'constraints', 'monitors', 'completion', 'lsp'].map(server),
            },
            {
              target: server('inference'),
              from: ['decoding', 'constraints', 'monitors', 'completion', 'lsp'].map(server),
            },
            {
              target: server('constraints'),
              from: ['tokens', 'inference', 'decoding', 'monitors', 'completion', 'lsp'].map(server),
            },
            {
              target: server('monitors'),
              from: ['tokens', 'inference', 'decoding', 'completion', 'lsp'].map(server),
            },
            { target: server('decoding'), from: ['monitors', 'completion', 'lsp'].map(server) },
            { target: server('completion'), from: ['lsp'].map(server) },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
