import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { compileFilter } from '../../../lib/sync/filter/compile-filter';
import { compileMapping } from '../../../lib/sync/mapping/compile-mapping';
import { conversions } from '../../../lib/sync/conversion/conversions';
import { compileRecordReplacements } from '../../../lib/sync/replacement/compile-record-replacements';
import { filterItems } from '../../../nodes/RecordFilter/filter-items';
import { mapItems } from '../../../nodes/FieldMapper/map-items';
import { replaceItems } from '../../../nodes/ReplaceValues/replace-items';
import { column, field, resourceOf, tableOf, upsert } from '../../support/builders';

const table = tableOf(column('nickname', 'string'), column('constructor', 'string'));
const context = { addExecutionHints: () => undefined, evaluateExpression: () => undefined } as never;
const itemsOf = (...changes: object[]): INodeExecutionData[] => changes.map((json) => ({ json: json as IDataObject }));
const good = upsert({ nickname: 'Ada' });
const record = (nickname: unknown) => upsert({ nickname: nickname as never });

const nodes: Readonly<Record<string, (items: INodeExecutionData[]) => INodeExecutionData[]>> = {
  'Record Filter': (items) =>
    filterItems(
      context,
      items,
      compileFilter(
        {
          root: {
            kind: 'group',
            match: 'all',
            parts: [
              { kind: 'condition', where: 'Condition 1', column: 'nickname', comparison: 'contains', operand: 'd' },
            ],
          },
          caseSensitive: false,
          timeZone: 'UTC',
          filteredOut: 'delete',
        },
        table,
        0,
      ),
    ).flat(),
  'Replace Values': (items) =>
    replaceItems(
      context,
      items,
      compileRecordReplacements(
        {
          rows: [
            {
              line: 1,
              name: 'nickname',
              oldValue: { empty: false, value: 'Bob' },
              newValue: { empty: false, value: 'Eve' },
            },
          ],
          caseSensitive: false,
        } as never,
        table,
      ),
      true,
    ),
  'Field Mapper': (items) =>
    mapItems(
      context,
      items,
      compileMapping(
        {
          keyField: 'externalId',
          rows: [
            {
              line: 1,
              source: { kind: 'column', column: 'nickname' },
              field: 'firstName',
              applyUpdates: true,
              choices: 'default',
              whenEmpty: 'clear',
            },
          ],
          applyUpdates: 'perRow',
          choices: 'value',
          timeZone: 'UTC',
          tooLong: 'reject',
          unknownEntries: 'reject',
          applyDeletes: true,
          keepRecord: false,
          product: 'standard',
        },
        table,
        resourceOf(field('firstName', 'string')),
        conversions,
      ),
      new Map(),
    ),
};

let deep: unknown = 1;
for (let depth = 0; depth < 20_000; depth++) deep = [deep];

describe.each(Object.keys(nodes))('the %s', (name) => {
  const run = nodes[name] as (items: INodeExecutionData[]) => INodeExecutionData[];
  const codes = (output: INodeExecutionData[]) =>
    output.map(({ json }) => (json['outcome'] as IDataObject | undefined)?.['code']);

  it.each([{}, { toString: 1 }, ['d'], deep, NaN, Infinity, Symbol('d'), () => 'd'])(
    'rejects a record whose value is none, and goes on with the others: case %#',
    (value) => {
      expect(codes(run(itemsOf(good, record(value), good)))).toEqual([undefined, 'VALUE_NOT_PLAIN', undefined]);
    },
  );

  it.each([
    ['no change at all', { some: 'item' }, 'NOT_A_CHANGE'],
    ['an outcome of an unknown status', { ...good, outcome: { status: 'constructor' } }, 'OUTCOME_UNKNOWN'],
  ])('rejects an item that is %s among others, and fails where all are', (_what, bad, code) => {
    expect(codes(run(itemsOf(good, bad, good)))).toEqual([undefined, code, undefined]);
    expect(() => run(itemsOf(bad, bad))).toThrow(expect.objectContaining({ code }));
  });

  it('never takes what objects inherit for a column of the record', () => {
    expect(() => run(itemsOf(upsert({})))).toThrow(expect.objectContaining({ code: 'COLUMN_NOT_READ' }));
  });
});
