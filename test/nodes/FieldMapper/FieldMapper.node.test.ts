import type { INodeParameters } from 'n8n-workflow';
import { COLUMN_TYPES } from '../../../lib/core/metadata';
import { FieldMapper } from '../../../nodes/FieldMapper/FieldMapper.node';
import { rowProperties } from '../../../nodes/FieldMapper/row-properties';
import {
  column,
  deletion,
  field,
  GENDER_OPTIONS,
  GENDER_VALUES,
  ID,
  resourceOf,
  tableOf,
  upsert,
} from '../../support/builders';
import { fakeExecution, shownParameters } from '../../support/fake-execution';

let mockProduct: 'standard' | 'v8' = 'standard';
const mockTable = tableOf(
  column('firstname', 'string'),
  column('gendercode', 'choice', { options: GENDER_OPTIONS }),
  column('city', 'string'),
);
const mockResource = resourceOf(
  field('firstName', 'string', { maxLength: 5 }),
  field('gender', 'enumeration', { values: GENDER_VALUES }),
  field('location.city', 'string'),
);
jest.mock('../../../nodes/shared/clients-from-credentials', () => ({
  getDataverseClient: async () => ({}),
  getCampaignClient: async () => ({ credential: { product: mockProduct } }),
}));
jest.mock('../../../nodes/shared/metadata-cache', () => ({
  describeTable: async () => mockTable,
  describeResource: async () => mockResource,
}));
beforeEach(() => {
  mockProduct = 'standard';
});

const node = new FieldMapper();
const mapping = (...row: INodeParameters[]): INodeParameters => ({
  table: { __rl: true, mode: 'id', value: 'contact' },
  mapping: { row },
});
const first = { column: 'firstname|string', field: 'firstName|string' };

async function run(parameters: INodeParameters, items: object[], options = {}) {
  const execution = fakeExecution(node, parameters, items, options);
  const [output = []] = await node.execute.call(execution.context);
  return { ...execution, output, changes: output.map(({ json }) => json) };
}

describe('the panel of a line', () => {
  it.each(COLUMN_TYPES)('asks for value or label of a %s column only where it has both', (type) => {
    const shown = shownParameters(
      node,
      rowProperties,
      { source: 'column', column: `c|${type}` },
      { applyUpdates: 'perRow' },
    );
    expect(shown.includes('choices')).toBe(
      ['choice', 'choices', 'state', 'status', 'boolean', 'lookup'].includes(type),
    );
  });

  it('has the switch of Apply Updates only where it is set per line', () => {
    const shown = (applyUpdates: string) =>
      shownParameters(node, rowProperties, { source: 'column', column: 'c|string' }, { applyUpdates });
    expect(shown('perRow')).toContain('applyUpdates');
    expect(shown('all')).not.toContain('applyUpdates');
  });

  it('has either a column or a value', () => {
    const shown = (source: string) =>
      shownParameters(node, rowProperties, { source, column: '' }, { applyUpdates: 'all' });
    expect(shown('column')).toEqual(['source', 'column', 'field', 'creationOnly', 'whenEmpty']);
    expect(shown('expression')).toEqual(['source', 'expression', 'field', 'creationOnly', 'whenEmpty']);
  });
});

describe('Field Mapper', () => {
  it('gives every item out once: mapped, rejected with its line, or passed on', async () => {
    const items = [
      upsert({ firstname: 'Ada' }),
      upsert({ firstname: 'Ada Lovelace' }),
      deletion(),
      upsert({}, {}, { outcome: { status: 'skipped', engineCalls: 0 } }),
    ];
    const { output, changes, hints } = await run(mapping(first), items);
    expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }, { item: 3 }]);
    expect(changes).toMatchObject([
      { target: { key: { field: 'externalId', value: ID }, fields: { firstName: 'Ada' } } },
      { outcome: { status: 'rejected', code: 'TOO_LONG', field: 'firstName', mappingLine: 1 } },
      { change: 'delete', target: { fields: {} } },
      { outcome: { status: 'skipped' } },
    ]);
    expect(hints[0]).toMatchObject({
      message: '2 mapped, 1 rejected, 1 passed on as they were skipped.',
      type: 'warning',
    });
  });

  it('works out per item only what is an expression, and takes a fixed value as it is', async () => {
    const rows = mapping(
      first,
      { source: 'expression', expression: 'Ulm', field: 'location.city|string' },
      { source: 'expression', expression: '={{ $json.record.gendercode }}', field: 'gender|enumeration' },
    );
    const items = [upsert({ firstname: 'A' }), upsert({ firstname: 'B' }), deletion()];
    const { changes, evaluated } = await run(rows, items, {
      evaluate: (_expression: string, item: number) => ['male', 'female'][item],
    });
    expect(evaluated).toEqual([
      { expression: '{{ $json.record.gendercode }}', item: 0 },
      { expression: '{{ $json.record.gendercode }}', item: 1 },
    ]);
    expect(changes[1]).toMatchObject({
      target: { fields: { firstName: 'B', 'location.city': 'Ulm', gender: 'female' }, lines: { gender: 3 } },
    });
  });

  it('does not fail the batch for an expression that fails in one record', async () => {
    const rows = mapping({ source: 'expression', expression: '={{ $json.record.x.y }}', field: 'firstName|string' });
    const evaluate = (_expression: string, item: number) => {
      if (item === 0) throw new Error('x is undefined');
      return 'B';
    };
    const { changes } = await run(rows, [upsert({}), upsert({})], { evaluate });
    expect(changes).toMatchObject([
      { outcome: { code: 'EXPRESSION_FAILED', mappingLine: 1 } },
      { target: { fields: { firstName: 'B' } } },
    ]);
  });

  it('passes the settings for all lines on', async () => {
    const parameters = {
      ...mapping({ column: 'gendercode|choice', field: 'gender|enumeration', applyUpdates: true }, first),
      applyUpdates: 'none',
      choices: 'label',
      applyDeletes: false,
      options: { keepRecord: true, tooLong: 'cut', timeZone: 'Europe/Berlin' },
    };
    const { changes } = await run(parameters, [
      upsert({ gendercode: 2, firstname: 'Ada Lovelace' }, { gendercode: 'Female' }),
      deletion(),
    ]);
    expect(changes[0]).toMatchObject({
      record: { gendercode: 2 },
      target: { fields: {}, creationFields: {}, loadAndCreationFields: { gender: 'female', firstName: 'Ada L' } },
    });
    expect(changes[1]).toMatchObject({ outcome: { code: 'DELETES_NOT_APPLIED' } });
  });

  it('knows from the credential that v8 refuses updates of the location', async () => {
    mockProduct = 'v8';
    const rows = mapping({ column: 'city|string', field: 'location.city|string' });
    await expect(run(rows, [upsert({ city: 'Ulm' })])).rejects.toThrow(/Line 1: Campaign v8 refuses updates/);
  });

  it('refuses an expression over the item where one setting holds for all', async () => {
    const rows = mapping({ ...first, column: '={{ $json.which }}' });
    await expect(run(rows, [upsert({ firstname: 'A' })])).rejects.toThrow(/mapping\.row\[0\]\.column/);
  });

  it('fails the execution where a record lacks a mapped column, even under continue on fail', async () => {
    const execution = fakeExecution(node, mapping(first), [upsert({ firstname: 'A' }), upsert({})], {
      continueOnFail: true,
    });
    await expect(node.execute.call(execution.context)).rejects.toThrow(
      /Line 1: the records that came in do not have the column "firstname"/,
    );
    expect(execution.node.onError).toBe('stopWorkflow');
  });
});
