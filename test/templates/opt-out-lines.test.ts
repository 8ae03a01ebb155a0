import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVERTED_COLUMNS } from '../../lib/core/opt-out-fields';
import { projectRoot } from '../../sandbox/n8n-host/folders';
import type { WorkflowJson } from '../../sandbox/n8n-host/rest';
import { optOutPairs } from '../../sandbox/oracles/opt-outs';

const template = (name: string) =>
  JSON.parse(readFileSync(join(projectRoot, 'templates', `${name}.json`), 'utf8')) as WorkflowJson;
const sync = template('dynamics-to-campaign');
const optOuts = template('opt-in-out');
const parametersOf = (workflow: WorkflowJson, name: string) =>
  workflow.nodes.find((node) => node.name === name)?.parameters ?? {};

interface MappingRow {
  readonly column?: string;
  readonly expression?: string;
  readonly field: string;
  readonly creationOnly?: boolean;
}
const rows = (parametersOf(sync, 'Field Mapper')['mapping'] as { row: MappingRow[] }).row;

/** Columns of contact that say no to something that Campaign sends: mail of any kind, calls and faxes. */
const SAYING_NO = Object.keys(INVERTED_COLUMNS).filter((column) =>
  /^donot(bulk)?(e|postal)?(mail|phone|fax)$/.test(column),
);

describe('the templates together', () => {
  it('know every column by which a contact can say no to what Campaign sends', () => {
    expect(SAYING_NO).toHaveLength(6);
    expect(
      optOutPairs(optOuts)
        .map(({ column }) => column)
        .sort(),
    ).toEqual([...SAYING_NO].sort());
  });

  it.each(SAYING_NO)(
    'give a new profile the opt-out of %s, of the field that the resolver has for it, on creation only',
    (column) => {
      const pair = optOutPairs(optOuts).find((one) => one.column === column);
      const [row, ...others] = rows.filter(({ field }) => field === `${pair?.field}|boolean`);
      expect(others).toEqual([]);
      expect(row?.creationOnly).toBe(true);
      const expression = row?.expression ?? `={{ $json.record.${row?.column?.split('|')[0]} }}`;
      const asked = expression.slice(4, -3).trim();
      expect(asked).toMatch(/^\$json\.record\.\w+( \|\| \$json\.record\.\w+)*$/);
      expect(asked.match(/\w+(?=( \|\||$))/g)).toContain(column);
    },
  );

  it.each([sync, optOuts])('have both triggers read each of them (%#)', (workflow) => {
    const columns = parametersOf(workflow, 'Dynamics 365 Trigger')['columns'] as string[];
    expect(columns).toEqual(expect.arrayContaining(SAYING_NO.map((column) => `${column}|boolean`)));
  });
});
