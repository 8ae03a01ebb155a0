import type { IDataObject } from 'n8n-workflow';
import { writeItems } from '../../../../nodes/Dynamics365/operations/write-rows';
import { column, ID, tableOf } from '../../../support/builders';
import { plainExecution } from '../../../support/plain-execution';

const description = tableOf(column('donotemail', 'boolean'), column('lastname', 'string'));
const row = { contactid: ID, donotemail: false, lastname: 'x', '@odata.etag': 'W/"1"' };

/** A client of which nothing but the table and the row is asked. */
function client() {
  const sent: string[] = [];
  return {
    sent,
    credential: { url: 'https://o.crm4.dynamics.com' },
    apiUrl: 'https://o.crm4.dynamics.com/api/data/v9.2/',
    describeTable: () => Promise.resolve(description),
    getByIds: () => Promise.resolve({ rows: [row], missing: [] }),
    call: ({ method, body }: { method: string; body?: string }) => {
      if (method === 'PATCH') sent.push(body ?? '');
      const text = method === 'GET' ? JSON.stringify(row) : '';
      return Promise.resolve({ status: 200, text, headers: {}, retryAfterMs: undefined, repeated: false });
    },
  };
}

async function write(items: readonly object[], parameters: Record<string, unknown> = {}, more: object = {}) {
  const used = client();
  const { context } = plainExecution(items, { table: 'contact', valuesFrom: 'item', ...parameters }, more);
  const outputs = await writeItems(context, used as never, 'update');
  const codes: string[] = [];
  for (const { json, pairedItem } of outputs.flat()) {
    const { status, code } = json['outcome'] as IDataObject;
    codes[(pairedItem as { item: number }).item] =
      code === undefined ? String(status) : `${String(status)} ${String(code)}`;
  }
  return { codes, sent: used.sent };
}

const good = { id: ID, columns: { donotemail: true } };

describe('a wrong item among good ones', () => {
  it.each<[string, unknown, string]>([
    ['names a column that every object inherits', { id: ID, columns: { constructor: 1 } }, 'UNKNOWN_COLUMN'],
    ['names __proto__', { id: ID, columns: JSON.parse('{"__proto__":1}') as object }, 'UNKNOWN_COLUMN'],
    ['has no columns', { id: ID }, 'NOT_A_WRITE'],
    [
      'has an outcome of a status that every object inherits',
      { outcome: { status: 'constructor' } },
      'OUTCOME_UNKNOWN',
    ],
    ['has an etag that is none', { ...good, ifMatch: { toString: 1 } }, 'IF_MATCH_NOT_USABLE'],
    ['has an object for a boolean', { id: ID, columns: { donotemail: {} } }, 'VALUE_NOT_CONVERTIBLE'],
    ['has an id that is an object', { ...good, id: { toString: 1 } }, 'KEY_NOT_USABLE'],
  ])('is rejected where it %s, and the others are written', async (_name, bad, code) => {
    const { codes, sent } = await write([good, bad as object, { ...good, id: ID }]);
    expect(codes).toEqual(['updated', `rejected ${code}`, 'updated']);
    expect(sent).toEqual(['{"donotemail":true}', '{"donotemail":true}']);
  });

  it.each(['{"lastname": "a"b"}', '', 'null', '[]', '"x"', 7])(
    'is rejected where its columns are no JSON object: %j',
    async (bad) => {
      const parameters = {
        valuesFrom: 'json',
        id: ID,
        columnsJson: (item: number) => (item === 1 ? bad : '{"donotemail":true}'),
      };
      expect((await write([{}, {}, {}], parameters)).codes).toEqual([
        'updated',
        'rejected COLUMNS_NOT_JSON',
        'updated',
      ]);
    },
  );

  it('is rejected also where it comes alone and an expression made its JSON', async () => {
    const getNodeParameter = (
      name: string,
      _item: number,
      fallback: unknown,
      options?: { rawExpressions?: boolean },
    ) => {
      if (name === 'columnsJson')
        return options?.rawExpressions ? '={ "lastname": "{{ $json.a }}" }' : '{ "lastname": "a"b" }';
      return { table: 'contact', valuesFrom: 'json', id: ID }[name] ?? fallback;
    };
    expect((await write([{}], {}, { getNodeParameter })).codes).toEqual(['rejected COLUMNS_NOT_JSON']);
  });

  it('fails the execution where every item is wrong: then it is the setting', async () => {
    const fixed = { valuesFrom: 'json', id: ID, columnsJson: '{' };
    await expect(write([{}, {}], fixed)).rejects.toMatchObject({ code: 'COLUMNS_NOT_JSON' });
    await expect(write([{ id: ID }, { id: ID }])).rejects.toMatchObject({ code: 'NOT_A_WRITE' });
    const unknown = { id: ID, columns: { constructor: 1 } };
    await expect(write([unknown, unknown])).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
  });
});

it('shows no text that stands where the name of a column belongs', async () => {
  const { context } = plainExecution([good, { id: ID, columns: { 'Ada Lovelace, 12 Square': 1 } }], {
    table: 'contact',
    valuesFrom: 'item',
  });
  const outputs = await writeItems(context, client() as never, 'update');
  const rejected = outputs[3]?.[0]?.json['outcome'];
  expect(rejected).toMatchObject({ code: 'UNKNOWN_COLUMN' });
  expect(JSON.stringify(rejected)).not.toContain('Lovelace');
});
