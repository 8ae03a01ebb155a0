import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/trouble.md'), 'utf8');

/** The tables of the page, by their sections. */
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((text): [string, string[][]] => {
    const [title = ''] = text.split('\n', 1);
    const lines = text.split('\n').filter((line) => line.startsWith('|'));
    return [title, lines.slice(2).map(cellsOf)];
  });

/** A `|` in a cell is written `\|`. */
function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

const testsIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);

describe('the page of real trouble', () => {
  it('has a section for each part of the product', () => {
    expect(sections.map(([title]) => title)).toEqual(
      expect.arrayContaining(['Triggers', 'Export files', 'SFTP servers', 'Consent', 'The timeline', 'Messages']),
    );
  });

  it.each(sections)('has situations under "%s", each once', (_title, rows) => {
    expect(rows.length).toBeGreaterThan(1);
    const situations = rows.map(([situation]) => situation);
    expect(situations.filter((situation, at) => situations.indexOf(situation) !== at)).toEqual([]);
  });

  it.each(sections)('says under "%s" what the product does, and which tests hold it', (_title, rows) => {
    const isWhole = ([situation, deed, tests, ...more]: string[]) => {
      const named = testsIn(tests ?? '');
      const exist =
        named.length > 0 && named.every((path) => path.endsWith('.test.ts') && existsSync(join(root, path)));
      return situation !== '' && deed !== '' && exist && more.length === 0;
    };
    expect(rows.filter((cells) => !isWhole(cells))).toEqual([]);
  });
});
