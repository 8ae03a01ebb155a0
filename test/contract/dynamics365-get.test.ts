import type { IDataObject } from 'n8n-workflow';
import { DataverseClient } from '../../lib/dataverse/client';
import { get } from '../../nodes/Dynamics365/operations/get.operation';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { plainExecution } from '../support/plain-execution';
import { controlOf } from './systems';

let sandbox: SandboxHandle;
let client: DataverseClient;

beforeAll(async () => {
  sandbox = await startSandbox({ contacts: 150 });
  client = new DataverseClient(sandbox.dynamics365);
});
afterAll(async () => {
  client.close();
  await sandbox.close();
});

const control = controlOf(() => sandbox);

async function getRows(ids: string[], parameters: Record<string, unknown>): Promise<IDataObject[]> {
  const all: Record<string, unknown> = { table: 'contact', initial: false, ...parameters };
  const { context } = plainExecution(
    ids.map((id) => ({ id })),
    { ...all, id: (item: number) => ids[item] },
  );
  const [output = []] = await get(context, client);
  return output.map(({ json }) => json);
}

describe('Get of the Dynamics 365 node against Dataverse', () => {
  it('gives every row asked for, with its labels and the time of its change, and those that are gone as deletes', async () => {
    const contacts = await control<Record<string, unknown>[]>('/dump?system=dataverse&table=contact');
    const gone = '00000000-0000-4000-8000-00000000dead';
    const ids = contacts.map(({ contactid }) => String(contactid));
    const rows = await getRows([...ids, gone], { columns: ['lastname|string', 'statecode|state'] });

    expect(rows).toHaveLength(contacts.length + 1);
    contacts.forEach((contact, index) => {
      expect(rows[index]).toMatchObject({
        change: 'upsert',
        id: contact['contactid'],
        record: { lastname: contact['lastname'], statecode: contact['statecode'] },
        labels: { statecode: expect.any(String) },
        modifiedOn: expect.stringMatching(/Z$/),
      });
    });
    expect(rows.at(-1)).toMatchObject({ change: 'delete', id: gone });
  });

  it('names a column that the table does not have', async () => {
    await expect(getRows([], { columns: ['lastname', 'nickname2'] })).rejects.toThrow('"nickname2"');
  });
});
