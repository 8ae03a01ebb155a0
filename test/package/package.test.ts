import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../sandbox/n8n-host/folders';
import { installPackage, packPackage, type PackedPackage } from '../../sandbox/n8n-host/pack';
import { loadWithN8n, type LoadedPackage } from '../support/load-package';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly n8n: { readonly nodes: string[]; readonly credentials: string[] };
}

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Manifest;

describe('the package that npm pack makes', () => {
  let packed: PackedPackage;
  let files: string[];
  beforeAll(async () => {
    packed = await packPackage();
    const listing = execFileSync('tar', ['-tzf', packed.tarball], { encoding: 'utf8' });
    files = listing
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, ''));
  }, 900_000);

  it('holds what a user needs at its top, and nothing else', () => {
    const top = new Set(files.map((file) => file.split('/')[0]));

    expect([...top].sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'index.js', 'package.json']);
  });

  it('has only the compiled nodes, credentials, library and the templates in dist', () => {
    const folders = new Set(files.filter((file) => file.startsWith('dist/')).map((file) => file.split('/')[1]));

    expect([...folders].sort()).toEqual(['credentials', 'lib', 'nodes', 'templates']);
  });

  it('carries no sources, tests, sandbox or benchmarks', () => {
    expect(
      files.filter((file) => /\.tsx?$|\.tsbuildinfo$|(^|\/)(test|sandbox|bench|coverage|node_modules)\//.test(file)),
    ).toEqual([]);
  });

  it.each([...manifest.n8n.nodes, ...manifest.n8n.credentials])('holds %s', (file) => {
    expect(files).toContain(file);
  });

  it('has an icon and a codex beside each node', () => {
    const missing = manifest.n8n.nodes.filter((node) => {
      const folder = node.slice(0, node.lastIndexOf('/'));
      const codex = node.replace(/\.js$/, '.json');
      return !files.includes(codex) || !files.some((file) => file.startsWith(`${folder}/`) && file.endsWith('.svg'));
    });

    expect(missing).toEqual([]);
  });
});

describe('the package installed as n8n does it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'n8n-package-'));
  let loaded: LoadedPackage;
  beforeAll(async () => {
    const installed = await installPackage(await packPackage(), folder);
    loaded = await loadWithN8n(installed);
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(manifest.n8n.nodes)("loads with n8n's own loader: %s", (file) => {
    const node = loaded.nodes.find(({ path }) => path === file);

    expect(node).toMatchObject({ displayName: expect.any(String) as string, hasIcon: true });
  });

  it.each(manifest.n8n.credentials)("loads with n8n's own loader: %s", (file) => {
    const credential = loaded.credentials.find(({ path }) => path === file);

    expect(credential).toMatchObject({ displayName: expect.any(String) as string, hasTest: true });
  });

  it('has no node that asks for a credential type that is not there', () => {
    const names = new Set(loaded.credentials.map(({ name }) => name));
    const wanted = loaded.nodes.flatMap(({ credentials }) => credentials);

    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  it('finds its run-time dependencies inside and n8n-workflow outside', () => {
    expect(loaded.resolved['axios']).toMatch(/n8n-package-.*node_modules.axios/);
    expect(loaded.resolved['n8n-workflow']).not.toContain('n8n-package-');
  });
});
