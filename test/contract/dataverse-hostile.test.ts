import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { DataverseClient } from '../../lib/dataverse/client';
import { writeItems } from '../../nodes/Dynamics365/operations/write-rows';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { plainExecution } from '../support/plain-execution';
import { controlOf } from './systems';

let sandbox: SandboxHandle;
let client: DataverseClient;
beforeAll(async () => {
  sandbox = await startSandbox({ contacts: 20 });
  client = new DataverseClient(sandbox.dynamics365);
});
afterAll(async () => {
  client.close();
  await sandbox.close();
});
afterEach(async () => {
  await sandbox.reset();
});

type Row = Record<string, unknown>;
const control = controlOf(() => sandbox);
const dump = (table: string) => control<Row[]>(`/dump?system=dataverse&table=${table}`);

function codesOf(outputs: INodeExecutionData[][]): string[] {
  const codes: string[] = [];
  for (const { json, pairedItem } of outputs.flat()) {
    const { status, code } = json['outcome'] as IDataObject;
    codes[(pairedItem as { item: number }).item] = code === undefined ? String(status) : String(code);
  }
  return codes;
}

const write = async (mode: 'update' | 'upsert', items: readonly object[], parameters: Row): Promise<string[]> =>
  codesOf(await writeItems(plainExecution(items, parameters).context, client, mode));

describe.each([
  ['each on its own', {}],
  ['in batches', { method: 'batch', batchSize: 7 }],
])('Writing hostile items to Dataverse, %s', (_name, options) => {
  const keys = ['A/1', 'A#1', 'A<1', 'A%1', 'A:1', 'A?1', 'A+1', 'A\\1', 'A\ud8001', 'A\r\n1', ' '];
  const all = ['first', ...keys, 'last'];

  it('rejects the alternate keys that no URL takes, and writes all others', async () => {
    const parameters = {
      table: 'account',
      valuesFrom: 'list',
      findBy: 'alternateKey',
      'alternateKey.column': (item: number) => [{ column: 'accountnumber|string', value: all[item] }],
      'columnValues.column': [{ column: 'name|string', value: 'Acme' }],
      options,
    };
    const codes = await write(
      'upsert',
      all.map(() => ({})),
      parameters,
    );
    expect(codes).toEqual(['created', ...keys.map(() => 'KEY_NOT_USABLE'), 'created']);
    expect((await dump('account')).filter(({ name }) => name === 'Acme')).toHaveLength(2);
  });

  it.each([412, 400, 500])('writes a table without optimistic concurrency (HTTP %i)', async (status) => {
    await control('/settings', { dataverse: { withoutConcurrency: ['contact'], withoutConcurrencyStatus: status } });
    const contacts = await dump('contact');
    const items = contacts.map(({ contactid }) => ({ id: contactid, columns: { jobtitle: 'Rear Admiral' } }));
    const parameters = { table: 'contact', valuesFrom: 'item', options };
    expect(new Set(await write('update', items, parameters))).toEqual(new Set(['updated']));
    for (const row of await dump('contact')) expect(row).toMatchObject({ jobtitle: 'Rear Admiral' });
    const decided = [{ ...items[0], columns: { jobtitle: 'x' }, ifMatch: 'W/"1"' }];
    expect(await write('update', decided, parameters)).toEqual(['CHANGED_MEANWHILE']);
  });
});

it.each(['A%2F1', 'A%231', 'A%3F1', 'A%2B1', 'A%3A1'])(
  'The sandbox refuses the key %s, as Dataverse does',
  async (key) => {
    const response = await client.call({
      method: 'GET',
      path: `accounts(accountnumber='${key}')?$select=name`,
      purpose: 'look up',
    });
    expect([400, 404]).toContain(response.status);
  },
);
