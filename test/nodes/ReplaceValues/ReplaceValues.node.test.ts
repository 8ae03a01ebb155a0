import type { INodeParameters } from 'n8n-workflow';
import { ReplaceValues } from '../../../nodes/ReplaceValues/ReplaceValues.node';
import { properties } from '../../../nodes/ReplaceValues/description';
import {
  column,
  deletion,
  field,
  GENDER_OPTIONS,
  GENDER_VALUES,
  ID,
  resourceOf,
  tableOf,
  target,
  upsert,
} from '../../support/builders';
import { fakeExecution, shownParameters } from '../../support/fake-execution';

const mockTable = tableOf(
  column('gendercode', 'choice', { options: GENDER_OPTIONS }),
  column('donotemail', 'boolean'),
  column('city', 'string'),
);
const mockResource = resourceOf(field('gender', 'enumeration', { values: GENDER_VALUES }));
jest.mock('../../../nodes/shared/clients-from-credentials', () => ({
  getDataverseClient: async () => ({}),
  getCampaignClient: async () => ({}),
}));
jest.mock('../../../nodes/shared/metadata-cache', () => ({
  describeTable: async () => mockTable,
  describeResource: async () => mockResource,
}));

const node = new ReplaceValues();
const before = (...row: INodeParameters[]): INodeParameters => ({
  when: 'before',
  table: { __rl: true, mode: 'id', value: 'contact' },
  columnReplacements: { row },
});
const after = (...row: INodeParameters[]): INodeParameters => ({ when: 'after', fieldReplacements: { row } });

async function run(parameters: INodeParameters, items: object[]) {
  const execution = fakeExecution(node, parameters, items);
  const [output = []] = await node.execute.call(execution.context);
  return { ...execution, output, changes: output.map(({ json }) => json) };
}

function rowProperties(name: string) {
  const collection = properties.find((property) => property.name === name)?.options?.[0];
  if (!collection || !('values' in collection)) throw new Error('no such collection');
  return collection.values;
}

describe('the panel', () => {
  it.each([
    ['choice', ['oldChoice']],
    ['choices', ['oldChoice']],
    ['state', ['oldChoice']],
    ['status', ['oldChoice']],
    ['boolean', ['oldChoice']],
    ['string', ['oldValue']],
    ['integer', ['oldValue']],
    ['lookup', ['oldValue']],
  ])('asks for the old value of a %s column once, from a drop-down where there is one', (type, expected) => {
    const values = { column: `c|${type}`, oldKind: 'value', newKind: 'empty' };
    expect(
      shownParameters(node, rowProperties('columnReplacements'), values).filter((name) =>
        /^old(Choice|Value)$/.test(name),
      ),
    ).toEqual(expected);
    expect(shownParameters(node, rowProperties('columnReplacements'), { ...values, oldKind: 'empty' })).toEqual([
      'column',
      'oldKind',
      'newKind',
    ]);
  });

  it.each([
    ['enumeration', ['newEntry']],
    ['string', ['newValue']],
  ])('asks for the new value of a field of the type %s once', (type, expected) => {
    const values = { field: `f|${type}`, oldKind: 'empty', newKind: 'value' };
    expect(
      shownParameters(node, rowProperties('fieldReplacements'), values).filter((name) =>
        /^new(Entry|Value)$/.test(name),
      ),
    ).toEqual(expected);
  });

  it('needs the credential of the side on which it works, and no other', () => {
    const needed = (when: string) => {
      const { credentials = [] } = node.description;
      return credentials
        .filter(({ displayOptions }) => displayOptions?.show?.['/when']?.includes(when))
        .map(({ name }) => name);
    };
    expect(needed('before')).toEqual(['dynamics365Api']);
    expect(needed('after')).toEqual(['adobeCampaignApi']);
  });
});

describe('Replace Values', () => {
  it('replaces before the mapping, value and label, and counts', async () => {
    const rows = before(
      { column: 'gendercode|choice', oldChoice: '2', newValue: 'female' },
      { column: 'donotemail|boolean', oldKind: 'empty', newValue: 'true' },
      { column: 'city|string', oldValue: 'n/a', newKind: 'empty' },
    );
    const items = [
      upsert({ gendercode: 2, donotemail: null, city: 'N/A' }, { gendercode: 'Female' }),
      upsert({ gendercode: 1, donotemail: false, city: 'Ulm' }),
      deletion(),
    ];
    const { changes, output, hints } = await run(rows, items);
    expect(changes[0]).toMatchObject({
      record: { gendercode: 'female', donotemail: true, city: null },
      labels: { gendercode: 'female' },
    });
    expect(changes.slice(1)).toEqual(items.slice(1));
    expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
    expect(hints[0]).toMatchObject({ message: '3 values replaced in 1 of 3 records.' });
  });

  it('replaces after the mapping, and rejects what is no entry then', async () => {
    const { record, labels, ...change } = upsert({});
    const mapped = (gender: string) => ({
      ...change,
      target: target(ID, { gender }, { lines: { gender: 2 } }),
    });
    const rows = after({ field: 'gender|enumeration', oldValue: '2', newEntry: 'female' });
    const { changes, hints } = await run(rows, [mapped('2'), mapped('3')]);
    expect(changes).toMatchObject([
      { target: { fields: { gender: 'female' } } },
      { outcome: { status: 'rejected', code: 'UNKNOWN_ENUMERATION_VALUE', mappingLine: 2 } },
    ]);
    expect(hints[0]).toMatchObject({ message: '1 values replaced in 1 of 2 records, 1 rejected.', type: 'warning' });
  });

  it.each<[string, INodeParameters]>([
    ['old', { column: 'donotemail|boolean', newValue: 'true' }],
    ['new', { column: 'donotemail|boolean', oldKind: 'empty' }],
  ])('does not take a forgotten %s value for empty', async (which, row) => {
    await expect(run(before(row), [upsert({ donotemail: null })])).rejects.toThrow(
      `Line 1: the ${which} value is missing.`,
    );
  });
});
