import { createHash } from 'node:crypto';
import { copyFile, readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from './build-once';
import { cacheFolder, nodeHeadersFolder, plainEnvironment, projectRoot } from './folders';
import { runCommand } from './run-command';

/** The n8n that tests, demo and benchmarks run. */
export const N8N_VERSION = '2.40.7';

export interface InstalledN8n {
  /** Folder of the installation; its `node_modules/.pnpm` holds every package of n8n. */
  readonly folder: string;
  /** n8n's start script, to be run with the Node that runs this process. */
  readonly bin: string;
}

/**
 * Installs n8n from its lock file into the user's cache folder, or finds it there. About 100 s and 2 GB the first time (several
 * minutes on a slow line), nothing afterwards. One installation per lock file, Node major version and platform.
 *
 * @param progress receives lines for a person.
 * @throws Error with pnpm's last lines when the installation fails; nothing half-installed is left.
 */
export async function installN8n(progress: (line: string) => void = () => undefined): Promise<InstalledN8n> {
  const lockFile = join(__dirname, 'pnpm-lock.yaml');
  const manifest = join(__dirname, 'package.json');
  const key = createHash('sha256')
    .update(await readFile(lockFile))
    .update(await readFile(manifest))
    .update(`${process.versions.modules} ${process.platform} ${process.arch}`)
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(), `n8n-${N8N_VERSION}-${key}`);
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  await buildOnce(
    folder,
    async (temporary) => {
      progress(`Installing n8n ${N8N_VERSION} (once, about 2 GB, some minutes) ...`);
      await copyFile(lockFile, join(temporary, 'pnpm-lock.yaml'));
      await copyFile(manifest, join(temporary, 'package.json'));
      const headers = nodeHeadersFolder();
      // The binaries are made for the Node that runs this, with its own headers.
      const nodedir = headers ? { npm_config_nodedir: headers } : {};
      const env = { ...plainEnvironment(), ...nodedir, npm_config_ignore_scripts: 'false', CI: 'true' };
      let lastLine = 0;
      await runCommand(
        process.execPath,
        [
          join(projectRoot, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs'),
          'install',
          '--frozen-lockfile',
          '--reporter=append-only',
        ],
        {
          cwd: temporary,
          env,
          onLine: (line) => {
            const text = progressOf(line);
            if (!text || Date.now() - lastLine < 5_000) return;
            lastLine = Date.now();
            progress(`  ${text} (${seconds()} s)`);
          },
        },
      );
      await checkNativeParts(temporary, env);
      progress(`n8n ${N8N_VERSION} is installed (${seconds()} s).`);
    },
    () => progress('Another process is installing n8n; waiting for it ...'),
  );
  const bin = join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
  if (!existsSync(bin)) throw new Error(`${folder} holds no n8n. Remove that folder and run this again.`);
  return { folder, bin };
}

/** What a line of pnpm's says to a person, if anything. */
function progressOf(line: string): string | undefined {
  const counted = /resolved (\d+), reused (\d+), downloaded (\d+), added (\d+)/.exec(line);
  if (counted) return `${counted[4]} of ${counted[1]} packages in place`;
  const compiling = /node_modules\/(\S+) (?:pre|post)?install:/.exec(line);
  return compiling ? `compiling ${compiling[1]}` : undefined;
}

/**
 * n8n's compiled parts are optional packages: an installation whose compiler failed looks complete and does not start.
 *
 * @throws Error that says which part is missing and what to do
 */
async function checkNativeParts(folder: string, env: Record<string, string>): Promise<void> {
  const packages = join(folder, 'node_modules', '.pnpm');
  const versions = await readdir(packages);
  for (const name of ['sqlite3', 'isolated-vm']) {
    const version = versions.find((entry) => entry.startsWith(`${name}@`));
    const script = `require(${JSON.stringify(join(packages, version ?? name, 'node_modules', name))})`;
    try {
      await runCommand(process.execPath, ['-e', script], { cwd: folder, env });
    } catch (error) {
      throw new Error(
        `${name} could not be compiled for this Node. It needs a C++ compiler, make and Python 3 ` +
          `(on Debian: apt-get install build-essential python3).`,
        { cause: error },
      );
    }
  }
}
