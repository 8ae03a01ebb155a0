// Runs a program under Node 24 whatever Node the machine has:  node scripts/node24.mjs <script> [arguments]
//
// n8n 2.40 needs Node 22 or later and its native parts are built for the Node that runs it, so development, tests and
// the demo all use one Node. It comes from the npm package `node` (a dev dependency). Install scripts are switched off
// in .npmrc, so the binary is fetched here, on the first use.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const WANTED_MAJOR = 24;

/**
 * The path of a Node 24 binary: the running one if it is new enough, else the one in node_modules, which is fetched from
 * the npm registry if it is not there yet (about 50 MB).
 *
 * @throws Error when the package `node` is not installed or its binary can't be fetched.
 */
export function node24Binary() {
  if (Number(process.versions.node.split('.')[0]) === WANTED_MAJOR) return process.execPath;
  const folder = join(root, 'node_modules', 'node');
  const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    if (!existsSync(folder)) throw new Error('The packages are not installed yet. Run: npm ci');
    process.stderr.write(`Fetching Node ${WANTED_MAJOR} (once) ...\n`);
    const fetched = spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (fetched.status !== 0 || !existsSync(binary)) {
      throw new Error(`Node ${WANTED_MAJOR} could not be fetched from the npm registry. Is it within reach?`);
    }
  }
  return binary;
}

/** The environment in which child processes find Node 24 first, and native add-ons its headers. */
export function node24Environment(binary = node24Binary()) {
  const delimiter = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env['PATH'] ?? ''}` };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const binary = node24Binary();
  const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit', env: node24Environment(binary) });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
