import type { IDataObject } from 'n8n-workflow';
import type { DataverseClient } from '../../../../lib/dataverse/client';
import { get } from '../../../../nodes/Dynamics365/operations/get.operation';
import { column, tableOf } from '../../../support/builders';
import { plainExecution } from '../../../support/plain-execution';

const mockDescription = tableOf(column('firstname', 'string'), column('modifiedon', 'datetime', { updatable: false }));
jest.mock('../../../../nodes/shared/metadata-cache', () => ({ describeTable: async () => mockDescription }));

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const rows = new Map(
  [1, 2].map((n) => [idOf(n), { contactid: idOf(n), firstname: `Name ${n}`, modifiedon: '2026-11-21T12:00:00Z' }]),
);

async function run(items: IDataObject[], parameters: Record<string, unknown> = {}) {
  const asked: { columns: readonly string[]; ids: readonly string[]; options: unknown }[] = [];
  const client = {
    getByIds: async (_table: unknown, columns: readonly string[], ids: readonly string[], options: unknown) => {
      asked.push({ columns, ids, options });
      return { rows: ids.flatMap((id) => rows.get(id) ?? []), missing: [] };
    },
  };
  const all: Record<string, unknown> = {
    table: 'contact',
    columns: ['firstname|string'],
    id: (item: number) => items[item]?.['id'],
    initial: (item: number) => items[item]?.['initial'] === true,
    ...parameters,
  };
  const { context, hints } = plainExecution(items, all);
  const [output = []] = await get(context, client as unknown as DataverseClient);
  return { output, hints, asked };
}

describe('Get of Dynamics 365', () => {
  it("gives a row's present state as the trigger would", async () => {
    const { output, asked } = await run([{ id: idOf(1) }]);
    expect(output).toEqual([
      {
        json: {
          change: 'upsert',
          reason: 'changed',
          table: 'contact',
          id: idOf(1),
          modifiedOn: '2026-11-21T12:00:00Z',
          initial: false,
          record: { firstname: 'Name 1' },
          labels: {},
        },
        pairedItem: [{ item: 0 }],
      },
    ]);
    expect(asked).toEqual([
      {
        columns: ['firstname', 'modifiedon'],
        ids: [idOf(1)],
        options: { labels: true, signal: undefined, confirmMissing: true },
      },
    ]);
  });

  it('gives a row once, paired with every item that asked for it', async () => {
    const { output } = await run([{ id: idOf(1) }, { id: idOf(2) }, { id: `{${idOf(1).toUpperCase()}}` }]);
    expect(output.map(({ json, pairedItem }) => [json['id'], pairedItem])).toEqual([
      [idOf(1), [{ item: 0 }, { item: 2 }]],
      [idOf(2), [{ item: 1 }]],
    ]);
  });

  it.each([
    [[true], true],
    [[false], false],
    [[undefined], false],
    [[true, true], true],
    [[true, false], false],
    [[false, true], false],
  ])('marks a row as initial load only where every item for it says so (%j)', async (initials, initial) => {
    const { output } = await run(initials.map((given) => ({ id: idOf(1), initial: given })));
    expect(output[0]?.json['initial']).toBe(initial);
  });

  it.each([
    [
      'delete',
      [{ change: 'delete', reason: 'deleted', table: 'contact', id: idOf(9), modifiedOn: null, initial: false }],
    ],
    [
      'reject',
      [
        expect.objectContaining({
          id: idOf(9),
          outcome: expect.objectContaining({ status: 'rejected', code: 'ROW_GONE' }),
        }),
      ],
    ],
    ['omit', []],
  ])('gives a row that is gone as the user chose (%s)', async (missingRows, expected) => {
    const { output, hints } = await run([{ id: idOf(9), initial: true }], { missingRows });
    expect(output.map(({ json }) => json)).toEqual(expected);
    expect(hints[0]?.message).toContain('1 gone');
    expect(hints[0]?.message).toMatch(/\), 0 items without a usable ID$/);
  });

  it.each([undefined, null, '', 'abc', 42, {}, "' or 1 eq 1", `${idOf(1)}x`])(
    'puts an item with the ID %p out as rejected, and asks for the others',
    async (id) => {
      const { output, asked } = await run([{ id: id as string }, { id: idOf(1) }]);
      expect(asked[0]?.ids).toEqual([idOf(1)]);
      expect(output.at(-1)).toEqual({
        json: {
          table: 'contact',
          id: null,
          outcome: expect.objectContaining({ status: 'rejected', code: 'ID_NOT_USABLE' }),
        },
        pairedItem: { item: 0 },
      });
    },
  );

  it.each([
    [{ columns: [] }, 'no columns'],
    [{ columns: ['firstname', 'gone|string', 'lost'] }, '"gone", "lost"'],
    [{ table: ' ' }, 'choose a table'],
    [{ initial: 'yes' }, 'must be true or false'],
  ])('says what is wrong with the settings %j', async (parameters, message) => {
    await expect(run([{ id: idOf(1) }], parameters)).rejects.toThrow(message);
  });
});
