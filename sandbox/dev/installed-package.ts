import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installDependencies, listPackage, type Manifest } from '../n8n-host/pack';
import { Compiler } from './compiler';

export type Update =
  /** The compiler's messages; the installed package is as it was. */
  | { readonly errors: string }
  /** What n8n has now and did not have before, relative to the package's folder; empty: it is the same. */
  | { readonly changed: readonly string[] };

/** What stands beside the nodes and credentials and is shipped as it is (gulpfile.js). */
const ASSETS = /\.(svg|png|node\.json)$/;

/** The project as a community package inside an n8n, built straight into the place where n8n looks for it. */
export class InstalledPackage {
  /** The package's folder. */
  readonly folder: string;
  private readonly compiler: Compiler;

  /**
   * @param root the project
   * @param n8nFolder the `.n8n` folder of n8n's user folder
   */
  constructor(
    private readonly root: string,
    private readonly n8nFolder: string,
    readonly manifest: Pick<Manifest, 'name' | 'version'>,
    private readonly progress: (line: string) => void,
    colors = false,
  ) {
    this.folder = join(n8nFolder, 'nodes', 'node_modules', manifest.name);
    this.compiler = new Compiler(join(root, 'tsconfig.build.json'), join(this.folder, 'dist'), colors);
  }

  /**
   * Brings the package to what the project is now, or leaves it alone when that does not compile.
   *
   * @throws Error when package.json can't be read, or the run-time dependencies can't be installed
   */
  async update(): Promise<Update> {
    const compiled = this.compiler.compile();
    if ('errors' in compiled) return compiled;
    const changed = compiled.written.map((file) => join('dist', file));
    const assets = await filesIn(this.root, ['nodes', 'credentials'], ASSETS);
    for (const asset of assets) {
      if (await this.put(join('dist', asset), await readFile(join(this.root, asset)))) {
        changed.push(join('dist', asset));
      }
    }
    changed.push(...(await this.removeOthers(new Set([...compiled.outputs, ...assets]))));
    if (await this.put('index.js', await readFile(join(this.root, 'index.js')))) changed.push('index.js');
    if (await this.putManifest()) changed.push('package.json');
    return { changed };
  }

  /** As n8n's installer leaves it: without dev and peer dependencies, the run-time dependencies inside. */
  private async putManifest(): Promise<boolean> {
    const text = await readFile(join(this.root, 'package.json'), 'utf8');
    const { devDependencies: _dev, peerDependencies: _peer, ...manifest } = JSON.parse(text) as Manifest;
    const isNew = await this.put('package.json', Buffer.from(JSON.stringify(manifest, null, 2)));
    if (!isNew) return false;
    const modules = join(this.folder, 'node_modules');
    const installed = await installDependencies(manifest.dependencies ?? {}, this.progress);
    await rm(modules, { recursive: true, force: true });
    await symlink(installed, modules);
    await listPackage(manifest, this.n8nFolder);
    return true;
  }

  /** @returns whether the file is another one now */
  private async put(file: string, content: Buffer): Promise<boolean> {
    const target = join(this.folder, file);
    const present = await readFile(target).catch(() => undefined);
    if (present?.equals(content)) return false;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    return true;
  }

  /** Removes from dist what no source stands for any more. */
  private async removeOthers(wanted: ReadonlySet<string>): Promise<string[]> {
    const dist = join(this.folder, 'dist');
    const others = (await filesIn(dist, ['.'], /./)).filter((file) => !wanted.has(file));
    for (const file of others) await rm(join(dist, file));
    return others.map((file) => join('dist', file));
  }
}

/** Paths relative to `root` of the files in these folders whose name matches. */
async function filesIn(root: string, folders: readonly string[], name: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    if (!existsSync(join(root, folder))) continue;
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !name.test(entry.name)) continue;
      found.push(join(entry.parentPath, entry.name).slice(root.length + 1));
    }
  }
  return found.sort();
}
