/** Every form in which a file can import, or load, something. */
export const FORMS: Readonly<Record<string, (specifier: string) => string>> = {
  'an import': (specifier) => `import { a } from '${specifier}';`,
  'an import of everything': (specifier) => `import * as a from '${specifier}';`,
  'an import for its effects': (specifier) => `import '${specifier}';`,
  'a type-only import': (specifier) => `import type { A } from '${specifier}';`,
  'an import of types by name': (specifier) => `import { type A } from '${specifier}';`,
  'an export from': (specifier) => `export { a } from '${specifier}';`,
  'a type-only export from': (specifier) => `export type { A } from '${specifier}';`,
  'an export of everything': (specifier) => `export * from '${specifier}';`,
  'an import()': (specifier) => `export const a = () => import('${specifier}');`,
  'an import() of a template': (specifier) => `export const a = () => import(\`${specifier}\`);`,
  'the type of an import()': (specifier) => `export type A = import('${specifier}').A;`,
  'the typeof an import()': (specifier) => `export type A = typeof import('${specifier}');`,
  'a require': (specifier) => `export const a = require('${specifier}');`,
  'a require.resolve': (specifier) => `export const a = require.resolve('${specifier}');`,
  'a module.require': (specifier) => `export const a = module.require('${specifier}');`,
  'an import = require': (specifier) => `import a = require('${specifier}'); export { a };`,
  'a type-only import = require': (specifier) => `import type a = require('${specifier}'); export type { a };`,
  'a built-in by its getter': (specifier) => `export const a = process.getBuiltinModule('${specifier}');`,
};

/** A file of each layer -> what it may import, and what it may not. */
export const LAYERS: Readonly<Record<string, { allowed: string[]; forbidden: string[] }>> = {
  'lib/core/some.ts': {
    allowed: ['./errors', 'zod', 'zod/v4', '../core/errors', '../../lib/core/errors', '../http/../core/errors'],
    forbidden: [
      ...[
        'fs',
        'node:fs',
        'fs/promises',
        'node:crypto',
        'crypto',
        'axios',
        'n8n-workflow',
        '@n8n/errors',
        'zod-to-json-schema',
      ],
      ...[
        '../http/transport',
        '../sync/filter/compile-filter',
        '../campaign/client',
        '..',
        '../index',
        '../../nodes/shared/as-change',
      ],
      ...[
        '../../test/support/builders',
        '../core/../http/transport',
        './../http/transport',
        '../../../outside',
        '/lib/core/errors',
      ],
      ...['../core-of-another', 'n8n-nodes-dynamics-campaign', '#core', 'file:///lib/core/errors'],
    ],
  },
  'lib/sync/filter/some.ts': {
    allowed: ['./compile-filter', '../../core/errors', 'zod'],
    forbidden: [
      ...['csv-parse', 'csv-parse/sync', 'stream', 'node:stream', 'stream/promises', 'node:stream/promises', 'luxon'],
      ...[
        '../mapping/compile-mapping',
        '../conversion/compile-conversion',
        '../replacement/replace',
        '../export/export-state',
      ],
      ...['../marketing-events/event', '../opt-out/decide', '../feed/checkpoint', '../delivery/deliver', '../anything'],
      ...[
        '../../http/transport',
        '../../sftp/parse-file',
        '../../../nodes/shared/as-change',
        '../../../credentials/some',
      ],
    ],
  },
  'lib/sync/opt-out/some.ts': {
    allowed: ['./decide', '../../core/errors'],
    forbidden: [
      '../../campaign/client',
      '../../dataverse/client',
      '../feed/checkpoint',
      '../delivery/deliver',
      'node:crypto',
    ],
  },
  'lib/sync/feed/some.ts': {
    allowed: ['./checkpoint', '../../core/change', '../delivery/delivery-loop', 'zod'],
    forbidden: ['../filter/compile-filter', '../opt-out/decide', '../../dataverse/client', 'timers/promises'],
  },
  'lib/sync/delivery/some.ts': {
    allowed: ['./deliver', '../../core/change'],
    forbidden: ['../feed/checkpoint', '../mapping/compile-mapping', '../../http/transport', 'node:timers/promises'],
  },
  'lib/http/some.ts': {
    allowed: ['../core/errors', 'axios', 'axios/unsafe/helpers', 'node:https', 'https', 'node:zlib', 'zod'],
    forbidden: [
      '../campaign/client',
      '../dataverse/client',
      '../sync/delivery/deliver',
      'ssh2',
      'node:fs',
      'follow-redirects',
    ],
  },
  'lib/campaign/some.ts': {
    allowed: ['../core/errors', '../http/transport', '../sync/delivery/deliver', 'zod'],
    forbidden: [
      '../dataverse/client',
      '../sftp/parse-file',
      'axios',
      'node:crypto',
      'n8n-workflow',
      '../../sandbox/start',
    ],
  },
  'lib/dataverse/timeline/some.ts': {
    allowed: [
      '../../core/errors',
      '../../http/transport',
      '../../sync/feed/checkpoint',
      '../client',
      'node:crypto',
      'crypto',
    ],
    forbidden: ['../../campaign/client', '../../sftp/parse-file', 'axios', 'node:fs', 'n8n-workflow'],
  },
  'lib/sftp/some.ts': {
    allowed: [
      '../core/errors',
      '../sync/export/export-state',
      'ssh2-sftp-client',
      'node:buffer',
      'stream/promises',
      'node:path',
    ],
    forbidden: [
      '../http/transport',
      '../campaign/client',
      '../dataverse/client',
      'axios',
      'csv-parse',
      'node:fs',
      'fs',
      'n8n-workflow',
    ],
  },
  'credentials/Some.credentials.ts': {
    allowed: ['../lib/campaign/sign-in', 'n8n-workflow', './shared-properties'],
    forbidden: ['../nodes/shared/as-change', '../lib/sync/opt-out/decide', 'axios', 'node:fs', '../scripts/clean.mjs'],
  },
  'nodes/FieldMapper/some.ts': {
    allowed: ['./settings', '../shared/as-change', '../../lib/sync/mapping/compile-mapping', 'n8n-workflow', 'zod'],
    forbidden: [
      ...[
        '../RecordFilter/settings',
        '../FieldMapperOfOld/settings',
        '../../credentials/shared-properties',
        'n8n-core',
      ],
      ...['axios', 'ssh2-sftp-client', 'csv-parse', 'node:crypto', 'fs', '../../sandbox/start', '../../bench/main'],
      ...['../../test/support/builders', '../../scripts/clean.mjs', '../../package.json'],
    ],
  },
  'nodes/Dynamics365/operations/some.ts': {
    allowed: ['../settings', './get.operation', '../../shared/as-change', '../../../lib/dataverse/client'],
    forbidden: ['../../Dynamics365Trigger/settings', '../../AdobeCampaign/settings', 'node:crypto'],
  },
  'nodes/shared/some.ts': {
    allowed: ['./as-change', '../../lib/campaign/client', 'n8n-workflow', 'zod', 'node:crypto'],
    forbidden: [
      '../FieldMapper/settings',
      '../../credentials/shared-properties',
      'axios',
      'node:fs',
      '../../sandbox/start',
    ],
  },
  'sandbox/oracles/some.ts': {
    allowed: ['./timeline'],
    forbidden: ['../start', '../../lib/core/errors', '../../nodes/shared/as-change', 'node:fs', 'zod', '../demo/demo'],
  },
  'sandbox/dataverse/some.ts': {
    allowed: ['./state', '../settings', 'zod', 'node:crypto', 'crypto'],
    forbidden: [
      '../../lib/core/errors',
      '../../nodes/shared/as-change',
      'axios',
      '../../test/support/builders',
      '../../bench/main',
    ],
  },
  'bench/some.ts': {
    allowed: ['../lib/core/errors', '../sandbox/start', 'node:os', '../test/support/builders'],
    forbidden: ['../nodes/shared/as-change', '../test/lib/fakes', 'axios'],
  },
};
