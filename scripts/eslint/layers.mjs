// Which folder may import what: an allow-list. What a row does not name is an error of the rule `project/import-walls`
// (import-walls.mjs); so is a folder of the product that has no row. docs/architecture.md tells the reasons at length.

/**
 * @typedef {object} Layer
 * @property {string} is what the folder is, as the end of "lib/core may not import axios: lib/core ..."
 * @property {string[]} [folders] folders of the project, besides the folder itself, with all that lies below
 * @property {string[]} [packages] packages of npm and built-in modules: `node:stream` covers `stream` and
 *   `stream/promises`, `node:*` every built-in module
 * @property {string[]} [typesOf] folders, modules and packages of which only types may be imported
 */

/**
 * What each folder below `lib/sync` is held to: the domain's parts know the core and nothing of each other.
 *
 * @param {string} is
 * @returns {Layer}
 */
const partOfTheDomain = (is) => ({ is, folders: ['lib/core'], packages: ['zod'] });

/**
 * Folder -> what its files may import. The longest folder that holds a file counts; `*` stands for one folder, each of
 * which is a layer of its own.
 *
 * @type {Record<string, Layer>}
 */
export const LAYERS = {
  'lib/core': { is: 'is the ground that everything stands on', packages: ['zod'] },

  'lib/sync/feed': {
    is: 'reads changes behind a port and delivers them, and knows neither a system nor a file',
    folders: ['lib/core', 'lib/sync/delivery'],
    packages: ['zod'],
  },
  'lib/sync/delivery': partOfTheDomain('delivers behind a port, and knows neither a system nor a file'),
  'lib/sync/opt-out': partOfTheDomain('decides on opt-outs behind ports, and knows neither a system nor a file'),
  'lib/sync/filter': partOfTheDomain('compares values, and neither reads them nor knows the other parts of the domain'),
  'lib/sync/mapping': partOfTheDomain('maps values, and neither reads them nor knows the other parts of the domain'),
  'lib/sync/conversion': partOfTheDomain(
    'converts values, and neither reads them nor knows the other parts of the domain',
  ),
  'lib/sync/replacement': partOfTheDomain(
    'replaces values, and neither reads them nor knows the other parts of the domain',
  ),
  'lib/sync/export': partOfTheDomain(
    'plans what becomes of exports, and neither reads files nor knows the other parts of the domain',
  ),
  'lib/sync/marketing-events': partOfTheDomain(
    'makes events of rows, and neither reads them nor knows the other parts of the domain',
  ),

  'lib/http': {
    is: 'speaks HTTP, and knows neither the systems nor the domain',
    folders: ['lib/core'],
    packages: ['axios', 'zod', 'node:events', 'node:http', 'node:https', 'node:zlib'],
  },
  'lib/campaign': {
    is: 'knows Adobe Campaign, and reaches it through lib/http',
    folders: ['lib/core', 'lib/http', 'lib/sync'],
    packages: ['zod'],
  },
  'lib/dataverse': {
    is: 'knows Dataverse, and reaches it through lib/http',
    folders: ['lib/core', 'lib/http', 'lib/sync'],
    packages: ['zod', 'node:crypto'],
  },
  'lib/sftp': {
    is: 'knows export files and SFTP, and neither HTTP nor the two systems',
    folders: ['lib/core', 'lib/sync'],
    packages: [
      'ssh2-sftp-client',
      'zod',
      'node:buffer',
      'node:crypto',
      'node:net',
      'node:path',
      'node:stream',
      'node:zlib',
    ],
    typesOf: ['ssh2'],
  },

  credentials: {
    is: 'describes credentials to n8n',
    folders: ['lib/campaign', 'lib/dataverse', 'lib/sftp'],
    packages: ['n8n-workflow'],
  },
  'nodes/shared': {
    is: 'holds what several nodes need, and knows none of them',
    folders: ['lib'],
    packages: ['n8n-workflow', 'zod', 'node:crypto'],
  },
  'nodes/*': {
    is: 'is one node: it wires lib to n8n, and knows no other node',
    folders: ['lib', 'nodes/shared'],
    packages: ['n8n-workflow', 'zod'],
  },

  'sandbox/oracles': {
    is: 'judges the product, and so shares no code with it',
    typesOf: ['sandbox/control-client', 'sandbox/n8n-host/rest'],
  },
  'sandbox/dev': {
    is: 'builds the product into an n8n, and shares no code with it',
    folders: ['sandbox'],
    packages: ['typescript', 'node:*'],
  },
  sandbox: { is: 'plays the systems, and so shares no code with the product', packages: ['ssh2', 'zod', 'node:*'] },
  bench: { is: 'measures lib', folders: ['lib', 'sandbox', 'test/support'], packages: ['node:*'] },
};
