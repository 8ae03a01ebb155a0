import { SandboxControl } from '../../sandbox/control-client';
import { openSandbox, type TestSandbox } from './support';

describe('the client of the control interface', () => {
  let sandbox: TestSandbox;
  let control: SandboxControl;
  beforeAll(async () => {
    sandbox = await openSandbox({ contacts: 20 });
    control = new SandboxControl(sandbox.handle.controlUrl);
  });
  beforeEach(() => sandbox.reset());
  afterAll(() => sandbox.close());

  it('gives every row of a table, and the one that has a key', async () => {
    const contacts = await control.dump('dataverse', 'contact');
    expect(contacts).toHaveLength(20);
    const { contactid } = contacts[7] ?? {};
    expect(await control.row('dataverse', 'contact', String(contactid))).toEqual(contacts[7]);
    expect(await control.row('dataverse', 'contact', '00000000-0000-4000-8000-00000000dead')).toBeUndefined();
    expect(await control.dump('campaign', 'profile')).toEqual([]);
  });

  it('asks for a key as it is, whatever stands in it', async () => {
    const externalId = 'a&system=dataverse b/ü#?';
    await control.json('POST', '/change', { system: 'campaign', table: 'profile', creates: [{ externalId }] });
    expect(await control.row('campaign', 'profile', externalId)).toMatchObject({ externalId });
  });

  it('changes contacts at random, the same ones for the same seed, and says which', async () => {
    const order = { creates: 2, updates: 3, deletes: 1, seed: 7, columns: ['jobtitle'] };
    const changed = await control.changeContacts(order);
    expect([changed.created, changed.updated, changed.deleted].map(({ length }) => length)).toEqual([2, 3, 1]);
    const left = new Set((await control.dump('dataverse', 'contact')).map(({ contactid }) => contactid));
    expect(left.size).toBe(21);
    expect([...changed.created, ...changed.updated].filter((id) => !left.has(id))).toEqual([]);
    expect(left.has(changed.deleted[0])).toBe(false);
    sandbox.reset();
    expect(await control.changeContacts(order)).toEqual(changed);
  });

  it('changes one row of either system', async () => {
    const [contact] = await control.dump('dataverse', 'contact');
    const id = String(contact?.['contactid']);
    await control.update('dataverse', 'contact', { contactid: id, jobtitle: 'Rear Admiral' });
    expect(await control.row('dataverse', 'contact', id)).toMatchObject({ jobtitle: 'Rear Admiral' });
    await control.json('POST', '/seed', { table: 'profile', count: 20, profilesFrom: 'contact' });
    await control.update('campaign', 'profile', { externalId: id, blackListEmail: true });
    expect(await control.row('campaign', 'profile', id)).toMatchObject({ blackListEmail: true });
  });

  it('sends a delivery to those who may get it, and reads both logs', async () => {
    await control.json('POST', '/seed', { table: 'profile', count: 20, profilesFrom: 'contact' });
    const { messages, leftOut } = await control.deliver({ campaign: 'C', label: 'D', contacts: 20, seed: 7 });
    expect(messages).toBeGreaterThan(0);
    expect(messages + leftOut).toBe(20);
    const { delivery, tracking } = await control.logs();
    const reached = delivery.filter(({ testAddress }) => !testAddress);
    expect(reached).toHaveLength(messages);
    expect(tracking).not.toHaveLength(0);
    expect(reached[0]).toMatchObject({ campaignLabel: 'C', deliveryLabel: 'D' });
  });

  it('counts requests by system and kind, and the engine calls of writes', async () => {
    expect(await control.engineCalls()).toBe(0);
    expect((await sandbox.campaign('POST', 'profileAndServicesExt/profile', { externalId: 'e1' })).status).toBe(201);
    expect(await control.engineCalls()).toBe(1);
    expect(await control.requests()).toMatchObject({ 'campaign.profile.POST': 1 });
  });

  it('tells how often each fault struck', async () => {
    await control.json('POST', '/faults', [
      { target: 'campaign', kind: 'status', status: 503, times: 5 },
      { target: 'dataverse', kind: 'status', status: 503 },
    ]);
    for (let request = 0; request < 2; request++) await sandbox.campaign('GET', 'profileAndServicesExt/profile');
    expect(await control.timesStruck()).toEqual([2, 0]);
  });

  it('gives a timeline as text', async () => {
    const [contact] = await control.dump('dataverse', 'contact');
    expect(await control.timeline(String(contact?.['contactid']))).toContain(String(contact?.['fullname']));
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a table',
      () => control.dump('dataverse', 'nothing'),
      /GET \/dump\?system=dataverse&table=nothing with 400: .*nothing/,
    ],
    ['a route', () => control.json('GET', '/nowhere'), /GET \/nowhere with 404: .*no GET \/nowhere/],
    ['a storage', () => control.export('opt-outs'), /POST \/export with 400: .*without its SFTP storage/],
  ])('throws what the sandbox says where %s is not there', async (_, call, said) => {
    await expect(call()).rejects.toThrow(said);
  });
});
