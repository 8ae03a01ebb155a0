import communityNodes from '@n8n/eslint-plugin-community-nodes';
import tseslint from 'typescript-eslint';
import { importWalls } from './scripts/eslint/import-walls.mjs';

/**
 * Rules that need types: a promise that nobody waits for, a choice that forgets a case.
 *
 * @type {import('eslint').Linter.RulesRecord}
 */
const typedRules = {
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-unnecessary-type-assertion': 'error',
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', '.work/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['*.js', '**/*.mjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['{lib,nodes,credentials,sandbox,bench}/**/*.{ts,mts,cts,js,mjs,cjs}'],
    plugins: { project: { rules: { 'import-walls': importWalls } } },
    rules: { 'project/import-walls': 'error' },
  },
  {
    files: ['{lib,nodes}/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: typedRules,
  },
  // n8n's own linter for community nodes; the variant for packages that run on self-hosted n8n.
  {
    ...communityNodes.configs.recommendedWithoutN8nCloudSupport,
    files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'package.json'],
  },
  {
    files: ['package.json'],
    languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      // axios, ssh2-sftp-client and zod earn their place (docs/decisions/0002-libraries.md); a verified package may have none.
      '@n8n/community-nodes/no-runtime-dependencies': 'off',
    },
  },
);
