import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from './build-once';
import { cacheFolder, plainEnvironment, projectRoot } from './folders';
import { runCommand } from './run-command';
import { removeFolder, temporaryFolder } from './temporary-folder';

/** What the build reads and the package ships. */
const INPUTS = [
  'credentials',
  'nodes',
  'lib',
  'templates',
  'scripts',
  'package.json',
  'index.js',
  'gulpfile.js',
  'tsconfig.json',
  'tsconfig.build.json',
  '.npmrc',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];

export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** The file that `npm pack` made. */
  readonly tarball: string;
}

/** How n8n 2.40.7 calls npm for a community package (its community-packages service, `downloadPackage`). */
const INSTALL_ARGUMENTS = [
  'install',
  '--audit=false',
  '--fund=false',
  '--bin-links=false',
  '--install-strategy=shallow',
  '--ignore-scripts=true',
  '--package-lock=false',
];

/**
 * Builds and packs the project as it stands, with its own `npm run build` and `npm pack`, in a copy: the `dist` folder of
 * the project is not touched. The tarball is kept for as long as no source file changes.
 *
 * @throws Error with the compiler's lines when the project does not build.
 */
export async function packPackage(progress: (line: string) => void = () => undefined): Promise<PackedPackage> {
  const manifest = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
  const inputs = INPUTS.filter((input) => existsSync(join(projectRoot, input)));
  const folder = join(cacheFolder(), 'packed', await hashOf(inputs));
  await buildOnce(folder, async (temporary) => {
    progress('Building and packing the nodes ...');
    const stage = await temporaryFolder('n8n-nodes-stage');
    try {
      for (const input of inputs) await cp(join(projectRoot, input), join(stage, input), { recursive: true });
      await symlink(join(projectRoot, 'node_modules'), join(stage, 'node_modules'));
      const env = plainEnvironment();
      await runCommand('npm', ['run', 'build'], { cwd: stage, env });
      await runCommand('npm', ['pack', '--pack-destination', temporary], { cwd: stage, env });
    } finally {
      await removeFolder(stage);
    }
  });
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (!tarball) throw new Error(`npm pack left no tarball in ${folder}. Remove that folder and try again.`);
  return { name: manifest.name, version: manifest.version, tarball: join(folder, tarball) };
}

/**
 * Puts a packed community package into an n8n user folder, as n8n's own installer does (docs/facts/n8n.md, "Loading the
 * package"): unpacked below its folder for community nodes, without its dev and peer dependencies, its run-time
 * dependencies installed inside, and named in that folder's package.json. The result is kept per tarball and copied, so
 * npm runs once.
 *
 * @param n8nFolder the `.n8n` folder of the user folder
 * @returns the folder of the installed package
 */
export async function installPackage(
  packed: PackedPackage,
  n8nFolder: string,
  progress: (line: string) => void = () => undefined,
): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(packed.tarball))
    .digest('hex')
    .slice(0, 16);
  const installed = await buildOnce(join(cacheFolder(), 'unpacked', hash), async (temporary) => {
    const env = plainEnvironment();
    await runCommand('tar', ['-xzf', packed.tarball, '-C', temporary, '--strip-components=1'], { cwd: temporary, env });
    const file = join(temporary, 'package.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    for (const kind of ['devDependencies', 'peerDependencies', 'optionalDependencies'] as const) delete manifest[kind];
    await writeFile(file, JSON.stringify(manifest, null, 2));
    if (!Object.keys(manifest.dependencies ?? {}).length) return;
    const dependencies = await installDependencies(manifest.dependencies ?? {}, progress);
    await cp(dependencies, join(temporary, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  });
  const target = join(n8nFolder, 'nodes', 'node_modules', packed.name);
  await rm(target, { recursive: true, force: true });
  await cp(installed, target, { recursive: true, verbatimSymlinks: true });
  await listPackage(packed, n8nFolder);
  return target;
}

/** Names a package in the list of installed packages that n8n's own installer keeps. */
export async function listPackage(
  { name, version }: Pick<PackedPackage, 'name' | 'version'>,
  n8nFolder: string,
): Promise<void> {
  const list = join(n8nFolder, 'nodes', 'package.json');
  const present: Manifest = existsSync(list)
    ? (JSON.parse(await readFile(list, 'utf8')) as Manifest)
    : { name: 'installed-nodes', version: '0.0.0' };
  present.dependencies = { ...present.dependencies, [name]: version };
  await writeFile(list, JSON.stringify({ private: true, ...present }, null, 2));
}

/**
 * The `node_modules` with these run-time dependencies, in the user's cache folder; made once for each set of them.
 *
 * @throws Error with npm's last lines when they can't be installed
 */
export async function installDependencies(
  dependencies: Record<string, string>,
  progress: (line: string) => void,
): Promise<string> {
  const wanted = JSON.stringify(dependencies);
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return await buildOnce(join(cacheFolder(), 'dependencies', hash), async (temporary) => {
    progress('Installing the run-time dependencies of the nodes (once) ...');
    const work = `${temporary}.work`;
    await mkdir(work, { recursive: true });
    try {
      await writeFile(join(work, 'package.json'), `{"name":"dependencies","private":true,"dependencies":${wanted}}`);
      await runCommand('npm', INSTALL_ARGUMENTS, { cwd: work, env: plainEnvironment() });
      await rm(temporary, { recursive: true });
      await rename(join(work, 'node_modules'), temporary);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

export interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

async function hashOf(inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const add = async (path: string): Promise<void> => {
    const full = join(projectRoot, path);
    const entries = await readdir(full, { withFileTypes: true }).catch(() => undefined);
    if (!entries) {
      hash.update(`${path}\0`).update(await readFile(full));
      return;
    }
    const names = entries.map((entry) => entry.name).sort();
    for (const name of names) await add(join(path, name));
  };
  for (const input of inputs) await add(input);
  return hash.digest('hex').slice(0, 16);
}
