import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TIMELINE_TABLES } from '../../../../lib/dataverse/timeline/timeline-names';

const text = readFileSync(join(__dirname, '../../../../docs/timeline.md'), 'utf8');
const lines = text.split('\n').map((line) => line.replace(/\s*\|\s*/g, '|'));

describe('docs/timeline.md', () => {
  it.each(Object.values(TIMELINE_TABLES))('names the columns of "$label" in full', ({ label, columns }) => {
    const labels = Object.values(columns).map((column) => column.label);
    expect(lines).toContain(`|${label}|${labels.join(', ')}|`);
  });

  it.each(Object.values(TIMELINE_TABLES))('says what is made for "$label"', ({ name, columns }) => {
    expect(text).toContain(`\`new_${name}\``);
    for (const column of Object.values(columns)) expect(text).toContain(`\`new_${column.name}\``);
  });

  it.each(['lib/sync/marketing-events/*.ts', 'lib/dataverse/timeline/timeline-tables.ts'])(
    'explains every code of %s',
    (files) => {
      const root = join(__dirname, '../../../..');
      const sources = globSync(files, { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
      const source = sources
        .join('\n')
        .replace(/(?:STATUS|FAILURE|LINK|CHANNEL)_CODES|[A-Z]+_(?:TIME_ZONE|FORMAT)/g, '');
      const codes = new Set([...source.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map((match) => match[1] as string));
      expect(codes.size).toBeGreaterThan(3);
      for (const code of codes) expect(text).toContain(`\`${code}\``);
    },
  );
});
