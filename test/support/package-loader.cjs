// The other half of load-package.ts: loads a community package with n8n-core's loader and prints what came of it.
/* eslint-disable @typescript-eslint/no-require-imports */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [n8nFolder = '', folder = ''] = process.argv.slice(2);
const core = createRequire(join(n8nFolder, 'package.json'))('n8n-core');
const loader = new core.PackageDirectoryLoader(folder);

loader.loadAll().then(
  () => {
    const within = createRequire(join(folder, 'index.js'));
    const testedByNode = new Set();
    const nodes = Object.entries(loader.known.nodes).map(([name, { sourcePath }]) => {
      const { displayName, iconUrl, credentials = [] } = loader.getNode(name).type.description;
      for (const credential of credentials) if (credential.testedBy) testedByNode.add(credential.name);
      return {
        name,
        displayName,
        path: sourcePath,
        hasIcon: Boolean(iconUrl),
        credentials: credentials.map((/** @type {{ name: string }} */ { name: credential }) => credential),
      };
    });
    const credentials = Object.entries(loader.known.credentials).map(([name, { sourcePath }]) => {
      const { type } = loader.getCredential(name);
      const hasTest = Boolean(type.test) || testedByNode.has(name);
      return { name, displayName: type.displayName, path: sourcePath, hasTest };
    });
    const resolved = Object.fromEntries(['axios', 'n8n-workflow'].map((name) => [name, within.resolve(name)]));
    process.stdout.write(`\n${JSON.stringify({ nodes, credentials, resolved })}`);
  },
  (/** @type {unknown} */ error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
