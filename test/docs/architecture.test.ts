import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Layer {
  readonly folders?: readonly string[];
  readonly packages?: readonly string[];
  readonly typesOf?: readonly string[];
}

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** The table that ESLint enforces; it is a module of its own kind, so another process reads it. */
const layers = JSON.parse(
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      "import { LAYERS } from './scripts/eslint/layers.mjs'; console.log(JSON.stringify(LAYERS));",
    ],
    { cwd: root, encoding: 'utf8' },
  ),
) as Readonly<Record<string, Layer>>;

function section(title: string): string {
  return page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

/** Cells of the tables of a section, without their headings. */
const rowsOf = (title: string): string[][] =>
  section(title)
    .split('\n')
    .filter((line) => /^\| (?!---)/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** Folder to what it may import, as the page says it. */
const told = new Map(
  rowsOf('Folders').map(([folder = '', , may = '']) => [
    /`([^`]+?)\/`/.exec(folder)![1]!,
    may === 'nothing but types of the sandbox' ? [] : may.split(', '),
  ]),
);

/** The same of the table of ESLint; Node's own modules are one word on the page. */
function enforced({ folders = [], packages = [] }: Layer): string[] {
  const names = packages.map((name) => (name.startsWith('node:') ? 'Node' : name));
  return [...new Set([...folders, ...names])];
}

describe('docs/architecture.md', () => {
  it('tells of every folder what ESLint lets it import, and of no other folder', () => {
    const expected = Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, enforced(layer).sort()]));
    expect(Object.fromEntries([...told].map(([name, may]) => [name, [...may].sort()]))).toEqual(expected);
  });

  it('names every folder of the library', () => {
    const folders = globSync('lib/**/', { cwd: root })
      .map((folder) => folder.replaceAll('\\', '/').replace(/\/$/, ''))
      .filter((folder) => globSync('*.ts', { cwd: join(root, folder) }).length > 0);
    expect(folders.length).toBeGreaterThan(10);
    const covered = (folder: string) =>
      [...told.keys()].some((name) => folder === name || folder.startsWith(`${name}/`));
    expect(folders.filter((folder) => !covered(folder))).toEqual([]);
  });

  it('says for every folder of the library and for every file that several nodes share where a reader begins', () => {
    const where =
      rowsOf('Where to find what')
        .map(([, place = '']) => place)
        .join('\n') + section('Ports');
    const silent = [...told.keys()].filter(
      (name) => name.startsWith('lib/') && name !== 'lib/core' && !where.includes(`\`${name}/`),
    );
    expect(silent).toEqual([]);
  });

  it('names only what exists, in every row of "Where to find what" and of the ports', () => {
    const rows = [...rowsOf('Where to find what'), ...rowsOf('Ports')];
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) {
      const paths = row.flatMap((cell) =>
        [...cell.matchAll(/`((?:lib|nodes|sandbox|test)\/[^`]+)`/g)].map((match) => match[1]!),
      );
      expect(paths).not.toEqual([]);
      for (const path of paths) expect(() => statSync(join(root, path))).not.toThrow();
    }
  });
});
