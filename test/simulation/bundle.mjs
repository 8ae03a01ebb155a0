// One file of the simulator and of all the product's code that it runs, as quick to start as any script. With a mutation
// the product's code is changed on the way: the sources stay as they are.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A change of the product's code: `find` stands in the file exactly once, and `replace` takes its place.
 *
 * @typedef {{ file: string, find: string, replace: string }} Change
 */

/**
 * @param {string} outfile
 * @param {readonly Change[]} changes
 * @param {string} [entry] below this folder
 */
export async function bundleSimulation(outfile, changes = [], entry = 'worker.ts') {
  const open = new Set(changes);
  await build({
    entryPoints: [join(root, 'test/simulation', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    packages: 'external',
    // A node's description for n8n's search lies beside it, as `X.node.json`.
    resolveExtensions: ['.ts', '.js', '.json'],
    sourcemap: 'inline',
    logLevel: 'error',
    nodePaths: [join(root, 'node_modules')],
    plugins: [
      {
        name: 'mutations',
        setup({ onLoad }) {
          if (changes.length === 0) return;
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const file = relative(root, path).replaceAll('\\', '/');
            const here = changes.filter((change) => change.file === file);
            if (here.length === 0) return undefined;
            let contents = readFileSync(path, 'utf8');
            for (const change of here) {
              if (contents.split(change.find).length !== 2) {
                throw new Error(`"${change.find}" does not stand in ${file} exactly once.`);
              }
              contents = contents.replace(change.find, () => change.replace);
              open.delete(change);
            }
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  for (const { file } of open) throw new Error(`${file} is no part of the simulation.`);
}
