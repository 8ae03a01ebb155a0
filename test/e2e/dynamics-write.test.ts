import { SandboxControl, type DumpedRow } from '../../sandbox/control-client';
import { sandboxCredentials } from '../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { nodeByWebhook, type NodeByWebhook } from './support/node-by-webhook';

jest.setTimeout(600_000);

describe('Update and Upsert of the Dynamics 365 node in a real n8n', () => {
  let sandbox: SandboxHandle;
  let n8n: N8nHandle;
  let control: SandboxControl;
  beforeAll(async () => {
    sandbox = await startSandbox({ contacts: 5 });
    control = new SandboxControl(sandbox.controlUrl);
    n8n = await startN8n({ credentials: sandboxCredentials(sandbox) });
  });
  afterAll(async () => {
    await n8n?.close();
    await sandbox?.close();
  });

  const node = async (parameters: Record<string, unknown>): Promise<NodeByWebhook> =>
    await nodeByWebhook(n8n, {
      type: 'n8n-nodes-dynamics-campaign.dynamics365',
      parameters: { table: { __rl: true, mode: 'id', value: 'contact' }, valuesFrom: 'json', ...parameters },
      credentials: { dynamics365Api: { id: null, name: 'Dynamics 365' } },
    });
  const contacts = async (): Promise<readonly DumpedRow[]> => await control.dump('dataverse', 'contact');

  it.each([
    ['each row on its own', {}],
    ['in a $batch', { method: 'batch', tag: 'campaign-sync' }],
  ])('Upsert %s: creates by alternate key, then writes what differs alone, then nothing', async (how, options) => {
    const number = `N-${how.length}`;
    const upsert = await node({
      operation: 'upsert',
      findBy: 'alternateKey',
      alternateKey: { column: [{ column: 'new_contactnumber|string', value: number }] },
      columnsJson: '={{ $json.query.values }}',
      options,
    });
    const call = async (values: object) => await upsert.call({ values: JSON.stringify(values) });
    const row = async () => (await contacts()).filter((contact) => contact['new_contactnumber'] === number);
    const before = await contacts();

    await call({ lastname: 'Ñandú', gendercode: 2, donotemail: true });
    expect(await row()).toEqual([expect.objectContaining({ lastname: 'Ñandú', gendercode: 2, donotemail: true })]);
    const [created] = await row();
    await call({ lastname: 'Ñandú', gendercode: 1, donotemail: true });
    const [changed] = await row();
    const { modifiedon, versionnumber } = changed ?? {};
    expect(changed).toEqual({ ...created, gendercode: 1, modifiedon, versionnumber });
    expect(versionnumber).not.toBe(created?.['versionnumber']);
    await call({ lastname: 'Ñandú', gendercode: 1, donotemail: true });
    expect(await row()).toEqual([changed]);
    expect(await contacts()).toHaveLength(before.length + 1);
    await upsert.end();
  });

  it('Update never creates a row, and a stale ETag writes nothing', async () => {
    const [first] = await contacts();
    const id = String(first?.['contactid']);
    const update = await node({
      operation: 'update',
      id: '={{ $json.query.id }}',
      columnsJson: '={{ $json.query.values }}',
      options: { ifMatch: '={{ $json.query.etag }}' },
    });
    const values = JSON.stringify({ jobtitle: 'Chief' });
    const before = await contacts();
    await update.call({ id: '00000000-0000-4000-8000-00000000dead', values, etag: '' });
    await update.call({ id, values, etag: 'W/"1"' });
    expect(await contacts()).toEqual(before);
    await update.call({ id, values, etag: '' });
    expect((await contacts()).find(({ contactid }) => contactid === id)).toMatchObject({ jobtitle: 'Chief' });
    await update.end();
  });
});
