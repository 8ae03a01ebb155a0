import communityNodes from '@n8n/eslint-plugin-community-nodes';
import tseslint from 'typescript-eslint';

/** Which folder may import what (docs/architecture.md). */
const restricted = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const axiosOnlyInHttp = { group: ['axios', 'axios/*'], message: 'axios is used in lib/http only.' };
const sftpOnlyInSftp = { group: ['ssh2-sftp-client', 'ssh2'], message: 'ssh2-sftp-client is used in lib/sftp only.' };
const notNodes = { group: ['**/nodes/**', '**/credentials/**'], message: 'lib does not know the nodes.' };
const notDev = { group: ['**/sandbox/**', '**/test/**', '**/bench/**'], message: 'This is not shipped.' };

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
    files: ['lib/**/*.ts'],
    rules: restricted([
      axiosOnlyInHttp,
      sftpOnlyInSftp,
      notNodes,
      notDev,
      { group: ['n8n-*'], message: 'lib is free of n8n.' },
    ]),
  },
  { files: ['lib/http/**/*.ts'], rules: restricted([sftpOnlyInSftp, notNodes, notDev]) },
  { files: ['lib/sftp/**/*.ts'], rules: restricted([axiosOnlyInHttp, notNodes, notDev]) },
  {
    files: ['lib/sync/**/*.ts'],
    rules: restricted([
      {
        group: [
          'node:*',
          'axios',
          'ssh2*',
          'n8n-*',
          'fs',
          'path',
          'http',
          'https',
          'crypto',
          '../http/*',
          '../dataverse/*',
          '../campaign/*',
          '../sftp/*',
        ],
        message: 'lib/sync is pure.',
      },
      notNodes,
      notDev,
    ]),
  },
  { files: ['nodes/**/*.ts', 'credentials/**/*.ts'], rules: restricted([axiosOnlyInHttp, sftpOnlyInSftp, notDev]) },
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
      // axios, ssh2-sftp-client, zod and csv-parse earn their place (docs/decisions/0002-libraries.md); a verified package may have none.
      '@n8n/community-nodes/no-runtime-dependencies': 'off',
    },
  },
);
