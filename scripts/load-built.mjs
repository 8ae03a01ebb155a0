// Loads the built package (npm run build) with the Node that runs this, and says what is in it:  node scripts/load-built.mjs
//
// The other scripts run under Node 24 by themselves. This one does not: it shows that the package works with the Nodes that
// package.json promises (`engines`).
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/**
 * Requires every script of the package and makes an instance of each node and credential, as n8n does.
 *
 * @param {string} root the project's folder
 * @returns {{ scripts: number, displayNames: string[] }}
 * @throws Error when a script can't be loaded, or exports no node or credential where one is listed
 */
export function loadBuilt(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const dist = join(root, 'dist');
  const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  for (const script of scripts) require(join(dist, script));
  const displayNames = [...manifest.n8n.nodes, ...manifest.n8n.credentials].map((file) => {
    const [exported] = Object.values(require(join(root, file)));
    const made = typeof exported === 'function' ? new exported() : undefined;
    const displayName = made?.description?.displayName ?? made?.displayName;
    if (!displayName) throw new Error(`${file} exports no node and no credential.`);
    return displayName;
  });
  return { scripts: scripts.length, displayNames };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { scripts, displayNames } = loadBuilt(join(fileURLToPath(import.meta.url), '..', '..'));
  console.log(`Node ${process.versions.node} loads all ${scripts} scripts: ${displayNames.join(', ')}`);
}
