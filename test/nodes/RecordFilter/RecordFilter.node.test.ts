import type { INodeParameters } from 'n8n-workflow';
import { COMPARISONS, FAMILY_OF, type OperandKind } from '../../../lib/sync/filter/comparisons';
import { COLUMN_TYPES } from '../../../lib/core/metadata';
import { conditionProperties } from '../../../nodes/RecordFilter/condition-properties';
import { RecordFilter } from '../../../nodes/RecordFilter/RecordFilter.node';
import { column, deletion, GENDER_OPTIONS, tableOf, upsert } from '../../support/builders';
import { fakeExecution, shownParameters } from '../../support/fake-execution';

const mockDescribeTable = jest.fn();
jest.mock('../../../nodes/shared/clients-from-credentials', () => ({ getDataverseClient: async () => ({}) }));
jest.mock('../../../nodes/shared/metadata-cache', () => ({
  describeTable: (...given: unknown[]) => mockDescribeTable(...given) as unknown,
}));

const table = tableOf(
  column('city', 'string'),
  column('gendercode', 'choice', { options: GENDER_OPTIONS }),
  column('age', 'integer'),
  column('born', 'date'),
);
beforeEach(() => mockDescribeTable.mockReset().mockResolvedValue(table));

const node = new RecordFilter();
const conditions = (...condition: INodeParameters[]): INodeParameters => ({
  table: { __rl: true, mode: 'id', value: 'contact' },
  conditions: { condition },
});

async function run(parameters: INodeParameters, items: object[], options = {}) {
  const execution = fakeExecution(node, parameters, items, options);
  return { ...execution, outputs: await node.execute.call(execution.context) };
}

describe('the panel of a condition', () => {
  it.each(COLUMN_TYPES)('shows for a %s column one comparison, with what its type has', (type) => {
    const family = FAMILY_OF[type];
    const shown = shownParameters(node, conditionProperties, { column: `c|${type}` }).filter((name) =>
      name.endsWith('Comparison'),
    );
    expect(shown).toEqual([`${family}Comparison`]);
    const property = conditionProperties.find(({ name }) => name === `${family}Comparison`);
    expect(property?.options?.map((option) => ('value' in option ? option.value : ''))).toEqual(
      Object.keys(COMPARISONS[family]),
    );
  });

  it('shows one place for the value where the comparison takes one, and none where it takes none', () => {
    for (const type of COLUMN_TYPES) {
      const family = FAMILY_OF[type];
      for (const [comparison, { operand }] of Object.entries<{ operand: OperandKind }>(COMPARISONS[family])) {
        const values = { column: `c|${type}`, [`${family}Comparison`]: comparison };
        const places = shownParameters(node, conditionProperties, values).filter((name) =>
          /(Value|List|Days)$/.test(name),
        );
        const expected = { none: [], one: [`${family}Value`], list: [`${family}List`], days: [`${family}Days`] }[
          operand
        ];
        expect([type, comparison, places]).toEqual([type, comparison, expected]);
      }
    }
  });

  it('shows nothing to compare with before a column is chosen', () => {
    expect(shownParameters(node, conditionProperties, { column: '' })).toEqual(['column']);
  });
});

describe('Record Filter', () => {
  it('gives every item out once, kept or filtered out, paired with what came in', async () => {
    const parameters = conditions({ column: 'city|string', textComparison: 'isAnyOf', textList: 'Ulm\nBonn' });
    const { outputs, hints } = await run(parameters, [upsert({ city: 'ulm' }), upsert({ city: 'Köln' }), deletion()]);
    expect(outputs.map((output) => output.map(({ pairedItem }) => pairedItem))).toEqual([
      [{ item: 0 }, { item: 2 }],
      [{ item: 1 }],
    ]);
    expect(outputs[1]?.[0]?.json).toMatchObject({ outcome: { status: 'skipped', code: 'FILTERED_OUT' } });
    expect(hints).toEqual([{ message: '2 kept, 1 filtered out.', location: 'outputPane', type: 'info' }]);
  });

  it('turns what is filtered out into deletions where that is chosen', async () => {
    const parameters = {
      ...conditions({ column: 'age|integer', numberComparison: 'atLeast', numberValue: 18 }),
      filteredOut: 'delete',
    };
    const { outputs } = await run(parameters, [upsert({ age: 17 }), upsert({ age: 18 })]);
    expect(outputs.map((output) => output.map(({ json }) => json['change']))).toEqual([['upsert'], ['delete']]);
    expect(outputs[1]?.[0]?.json).not.toHaveProperty('record');
  });

  it('joins groups and conditions by And and Or', async () => {
    const parameters = {
      ...conditions({ column: 'age|integer', numberComparison: 'greaterThan', numberValue: 90 }),
      match: 'any',
      groups: {
        group: [
          {
            match: 'all',
            conditions: {
              condition: [
                { column: 'gendercode|choice', choiceComparison: 'equals', choiceValue: '2' },
                { column: 'city|string', textComparison: 'startsWith', textValue: 'k' },
              ],
            },
          },
        ],
      },
    };
    const record = (age: number, gendercode: number, city: string) => upsert({ age, gendercode, city });
    const items = [record(91, 1, 'x'), record(1, 2, 'Köln'), record(1, 2, 'Ulm'), record(1, 1, 'Köln')];
    const { outputs } = await run(parameters, items);
    expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
  });

  it('takes a column by its name alone, with the comparisons of its live type', async () => {
    const parameters = conditions({ column: 'age', textComparison: 'equals', textValue: '5' });
    const { outputs } = await run(parameters, [upsert({ age: 5 }), upsert({ age: 6 })]);
    expect(outputs.map((output) => output.length)).toEqual([1, 1]);
  });

  it('works an expression out once, and refuses one that means something else in each item', async () => {
    const items = Array.from({ length: 50 }, () => upsert({ city: 'Ulm' }));
    const once = conditions({ column: 'city|string', textComparison: 'equals', textValue: '={{ $vars.city }}' });
    const { evaluated, outputs } = await run(once, items, { evaluate: () => 'Ulm' });
    expect(evaluated).toHaveLength(1);
    expect(outputs[0]).toHaveLength(50);
    const perItem = conditions({
      column: 'city|string',
      textComparison: 'equals',
      textValue: '={{ $json.record.city }}',
    });
    await expect(run(perItem, items)).rejects.toThrow(/refers to the single item/);
  });

  it('reads the table from the trigger by an expression', async () => {
    const { evaluated } = await run({ conditions: {} }, [upsert({})], { evaluate: () => 'contact' });
    expect(evaluated.map(({ expression }) => expression)).toContain(
      "{{ $('Dynamics 365 Trigger').params.table.value }}",
    );
    expect(mockDescribeTable.mock.calls[0]?.[1]).toBe('contact');
  });

  it('asks for fresh metadata before it calls a column unknown', async () => {
    mockDescribeTable.mockResolvedValueOnce(tableOf());
    const { outputs } = await run(conditions({ column: 'city|string', textComparison: 'isEmpty' }), [
      upsert({ city: null }),
    ]);
    expect(outputs[0]).toHaveLength(1);
    expect(mockDescribeTable.mock.calls.map(([, , options]) => options.refresh)).toEqual([false, true]);
  });

  it.each([false, true])(
    'fails the execution for wrong settings, and lets nothing out (continue on fail: %p)',
    async (continueOnFail) => {
      const execution = fakeExecution(
        node,
        conditions({ column: 'nope|string', textComparison: 'isEmpty' }),
        [upsert({})],
        { continueOnFail },
      );
      await expect(node.execute.call(execution.context)).rejects.toThrow(
        /Condition 1: the table "contact" has no readable column "nope"/,
      );
      if (continueOnFail) expect(execution.node.onError).toBe('stopWorkflow');
    },
  );

  it.each([{}, { change: 'upsert' }, { change: 'merge', id: 'x' }, { change: 'upsert', id: 'x', record: null }])(
    'refuses the item %p, which is no change',
    async (item) => {
      await expect(run(conditions(), [item])).rejects.toThrow(/Item 0 is no change/);
    },
  );
});
