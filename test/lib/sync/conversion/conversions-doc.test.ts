import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONVERSION_TABLE, CONVERSIONS } from '../../../../lib/sync/conversion/conversion-table';
import { MAX_YEAR, MIN_YEAR } from '../../../../lib/core/dates';
import { COLUMN_TYPES, FIELD_TYPES } from '../../../../lib/core/metadata';

const doc = readFileSync(join(__dirname, '../../../../docs/conversions.md'), 'utf8');

function tableUnder(heading: string): string[][] {
  const part = doc.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return part
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/conversions.md', () => {
  it('shows the conversion table as it is, cell by cell', () => {
    const [head = [], ...rows] = tableUnder('The table');
    expect([...head.slice(1)].sort()).toEqual([...FIELD_TYPES].sort());
    expect(rows.map(([type]) => type)).toEqual([...COLUMN_TYPES]);
    for (const [from, ...cells] of rows) {
      const shown = Object.fromEntries(
        cells.map((cell, index) => [head[index + 1], cell]).filter(([, cell]) => cell !== '-'),
      );
      expect({ [from ?? '']: shown }).toEqual({
        [from ?? '']: CONVERSION_TABLE[from as (typeof COLUMN_TYPES)[number]],
      });
    }
  });

  it('explains every kind of cell', () => {
    const explained = tableUnder('The cells')
      .slice(1)
      .map(([cell]) => cell);
    expect(explained).toEqual([...CONVERSIONS, '-']);
  });

  it('names the years that travel', () => {
    expect(doc).toContain(`from ${MIN_YEAR} to ${MAX_YEAR}`);
  });
});
