import type { IDataObject } from 'n8n-workflow';
import { DataverseClient } from '../../lib/dataverse/client';
import { get, type GetContext } from '../../nodes/Dynamics365/operations/get.operation';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';

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

async function getRows(ids: string[], parameters: Record<string, unknown>): Promise<IDataObject[]> {
  const all: Record<string, unknown> = { table: 'contact', initial: false, ...parameters };
  const context = {
    getInputData: () => ids.map((id) => ({ json: { id } })),
    getNodeParameter: (name: string, item: number, fallback: unknown) =>
      name === 'id' ? ids[item] : (all[name] ?? fallback),
    getExecutionCancelSignal: () => undefined,
    addExecutionHints: () => undefined,
  };
  const [output = []] = await get(context as unknown as GetContext, client);
  return output.map(({ json }) => json);
}

describe('Get of the Dynamics 365 node against Dataverse', () => {
  it('gives every row asked for, with its labels and the time of its change, and those that are gone as deletes', async () => {
    const answer = await fetch(`${sandbox.controlUrl}/dump?system=dataverse&table=contact`);
    const contacts = (await answer.json()) as Record<string, unknown>[];
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
