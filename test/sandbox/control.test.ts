import { openSandbox, signInToEntra, form, type TestSandbox } from './support';
import { startSandbox } from '../../sandbox/start';

const PROFILE = 'profileAndServicesExt/profile';

describe('the control interface', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openSandbox({ contacts: 20 });
  });
  beforeEach(() => sandbox.reset());
  afterAll(() => sandbox.close());

  const faults = (...list: object[]) => sandbox.control('POST', '/faults', list);
  const stats = async () => (await sandbox.control('GET', '/stats')).body;
  const list = () => sandbox.campaign('GET', PROFILE);
  const post = (externalId: string) => sandbox.campaign('POST', PROFILE, { externalId });

  describe('faults', () => {
    it('strike once unless told otherwise', async () => {
      await faults({ target: 'campaign', match: { method: 'get', path: '/profile' }, kind: 'status', status: 502 });
      expect((await post('e1')).status).toBe(201);
      expect((await list()).status).toBe(502);
      expect((await list()).status).toBe(200);
    });
    it('strike as often as they should, after as many as they should let pass', async () => {
      await faults({ target: 'campaign', kind: 'status', status: 503, times: 2, skip: 1 });
      const statuses = [];
      for (let i = 0; i < 5; i++) statuses.push((await list()).status);
      expect(statuses).toEqual([200, 503, 503, 200, 200]);
    });
    it('apply the write before they drop the connection, or do not', async () => {
      await faults({ target: 'campaign', kind: 'drop' });
      await expect(post('e1')).rejects.toThrow();
      expect((await stats()).rows.campaign.profile).toBe(0);
      await faults({ target: 'campaign', kind: 'drop-after' });
      await expect(post('e1')).rejects.toThrow();
      expect((await stats()).rows.campaign.profile).toBe(1);
      expect((await stats()).systems.campaign.errors).toEqual({ dropped: 2 });
    });
    it('never respond to a request on a half-open connection, and write nothing', async () => {
      await faults({ target: 'campaign', kind: 'hang' });
      const held = post('e1');
      held.catch(() => undefined);
      const inFlight = async () => (await stats()).systems.campaign?.inFlight ?? 0;
      while ((await inFlight()) === 0);
      // The next one is answered, the first one is not.
      expect((await post('e2')).status).toBe(201);
      expect((await stats()).rows.campaign.profile).toBe(1);
      expect(await inFlight()).toBe(1);
    });
    it('refuse all until they are cleared', async () => {
      await faults({ target: 'campaign', kind: 'refuse-all' });
      for (let i = 0; i < 3; i++) await expect(list()).rejects.toThrow();
      await sandbox.control('DELETE', '/faults');
      expect((await list()).status).toBe(200);
    });
    it('limit the rate with Retry-After, in the words of the system', async () => {
      await faults(
        { target: 'dataverse', kind: 'rate-limit', retryAfter: 7 },
        { target: 'campaign', kind: 'rate-limit' },
      );
      const dataverse = await sandbox.dataverse('GET', 'WhoAmI');
      expect(dataverse).toMatchObject({ status: 429, body: { error: { code: '0x80072322' } } });
      expect(dataverse.headers.get('retry-after')).toBe('7');
      expect(await list()).toMatchObject({ status: 429, body: { error_code: '429050' } });
    });
    it('expire the token of a request for good', async () => {
      const authorization = `Bearer ${await signInToEntra(sandbox.handle)}`;
      const whoAmI = () => sandbox.dataverse('GET', 'WhoAmI', undefined, { authorization });
      expect((await whoAmI()).status).toBe(200);
      await faults({ target: 'dataverse', kind: 'expired-token' });
      expect((await whoAmI()).status).toBe(401);
      expect((await whoAmI()).status).toBe(401);
    });
    it('strike the same requests for the same seed', async () => {
      const run = async (): Promise<number[]> => {
        await sandbox.control('DELETE', '/faults');
        await faults({ target: 'campaign', kind: 'status', status: 500, rate: 0.4, seed: 5 });
        const statuses = [];
        for (let i = 0; i < 30; i++) statuses.push((await list()).status);
        return statuses;
      };
      const first = await run();
      expect(await run()).toEqual(first);
      expect(new Set(first)).toEqual(new Set([200, 500]));
    });
    it('match a path by expression', async () => {
      await faults({
        target: 'campaign',
        match: { path: '/profile\\/e[0-4]$/' },
        kind: 'status',
        status: 500,
        body: { x: 1 },
      });
      await post('e7');
      expect((await sandbox.campaign('GET', `${PROFILE}/e7`)).status).toBe(200);
      expect(await sandbox.campaign('GET', `${PROFILE}/e3`)).toMatchObject({ status: 500, body: { x: 1 } });
    });
    it.each([
      { target: 'nobody', kind: 'drop' },
      { target: 'ims', kind: 'explode' },
      { target: 'ims', kind: 'drop', typo: 1 },
    ])('are refused when they make no sense: %j', async (fault) => {
      expect((await faults(fault)).status).toBe(400);
    });
  });

  it('counts requests by kind, and starts again on demand', async () => {
    await sandbox.control('POST', '/stats/reset');
    await Promise.all([list(), list(), post('e1')]);
    expect(await stats()).toMatchObject({
      requests: { 'campaign.profile.GET': 2, 'campaign.profile.POST': 1 },
      engineCalls: 1,
      rows: { dataverse: { contact: 20 }, campaign: { profile: 1 } },
    });
    const { firstBegan, lastEnded } = (await stats()).moments['campaign.profile.GET'];
    expect(Date.now() - firstBegan).toBeLessThan(60_000);
    expect(lastEnded).toBeGreaterThan(firstBegan);
    await sandbox.control('POST', '/stats/reset');
    expect(await stats()).toMatchObject({ requests: {}, moments: {}, engineCalls: 0 });
  });

  it('changes what it is told to, the same for the same seed', async () => {
    const order = { creates: 2, updates: 3, deletes: 2, seed: 9 };
    const { body: first } = await sandbox.control('POST', '/change', order);
    expect([first.created.length, first.updated.length, first.deleted.length]).toEqual([2, 3, 2]);
    expect(new Set([...first.created, ...first.updated, ...first.deleted]).size).toBe(7);
    sandbox.handle.reset();
    expect((await sandbox.control('POST', '/change', order)).body).toEqual(first);
  });
  it('turns opt-outs over on either side', async () => {
    const dumped = async (system: string, table: string) =>
      (await sandbox.control('GET', `/dump?system=${system}&table=${table}`)).body;
    const before = await dumped('dataverse', 'contact');
    const { body } = await sandbox.control('POST', '/change', { updates: 1, columns: ['donotemail'] });
    const find = (rows: { contactid: string; donotemail: boolean }[]) =>
      rows.find((row) => row.contactid === body.updated[0]);
    expect(find(await dumped('dataverse', 'contact'))?.donotemail).toBe(!find(before)?.donotemail);
    await post('e1');
    await sandbox.control('POST', '/change', {
      system: 'campaign',
      table: 'profile',
      updates: [{ externalId: 'e1', blackListEmail: true, blackListEmailLastModified: '2026-01-01 00:00:00.000Z' }],
    });
    expect((await dumped('campaign', 'profile'))[0]).toMatchObject({
      blackListEmail: true,
      blackListEmailLastModified: '2026-01-01 00:00:00.000Z',
    });
  });
  it.each([
    { table: 'nope', creates: 1 },
    { updates: [{ contactid: 'nope', lastname: 'X' }] },
    { creates: [{ nope: 1 }] },
    { deletes: ['nope'] },
    { typo: 1 },
  ])('refuses the change %j', async (order) => {
    expect((await sandbox.control('POST', '/change', order)).status).toBe(400);
  });
  it.each([
    { dataverse: { nope: 1 } },
    { latency: { campaign: { ms: -1 } } },
    { schema: [{ system: 'campaign', table: 'profile', column: 'nope', action: 'remove' }] },
  ])('refuses the setting %j', async (order) => {
    expect((await sandbox.control('POST', '/settings', order)).status).toBe(400);
  });

  describe('seed data', () => {
    const dump = async (path: string) => (await sandbox.control('GET', path)).body as Record<string, unknown>[];
    it('is the same for the same seed, whatever the number of rows', async () => {
      const few = await dump('/dump?table=contact');
      const other = await startSandbox({ contacts: 200, accounts: 2 });
      try {
        const many = (await (await fetch(`${other.controlUrl}/dump?table=contact`)).json()) as Record<
          string,
          unknown
        >[];
        const bare = ({ versionnumber: _, ...row }: Record<string, unknown>) => row;
        expect(many.slice(0, 20).map(bare)).toEqual(few.map(bare));
      } finally {
        await other.close();
      }
    });
    it('is bad in eight ways, one row in so many, told in the dump alone', async () => {
      await sandbox.control('POST', '/seed', { table: 'contact', count: 400, seed: 3, bad: '1/10' });
      const bad = (await dump('/dump?table=contact')).map((row) => row['_bad']).filter((each) => each !== undefined);
      expect(bad).toHaveLength(40);
      expect(new Set(bad).size).toBe(8);
      const { text } = await sandbox.dataverse('GET', 'contacts');
      expect(text).not.toContain('_bad');
    });
    it('has links from purchases to memberships to contacts', async () => {
      await sandbox.control('POST', '/seed', { table: 'new_membership', count: 30, seed: 42 });
      await sandbox.control('POST', '/seed', { table: 'new_purchase', count: 30, seed: 42 });
      const contacts = new Set((await dump('/dump?table=contact')).map((row) => row['contactid']));
      const memberships = await dump('/dump?table=new_membership');
      expect(memberships).toHaveLength(30);
      expect(memberships.filter((row) => !contacts.has(row['_new_contactid_value']))).toEqual([]);
      const ids = new Set(memberships.map((row) => row['new_membershipid']));
      const purchases = await dump('/dump?table=new_purchase');
      expect(purchases).toHaveLength(30);
      expect(purchases.filter((row) => !ids.has(row['_new_membershipid_value']))).toEqual([]);
    });
    it('makes profiles of the contacts that are there', async () => {
      await sandbox.control('POST', '/seed', { table: 'profile', count: 7, profilesFrom: 'contact' });
      const ids = (await dump('/dump?table=contact')).map((row) => row['contactid']);
      expect((await dump('/dump?system=campaign&table=profile')).map((row) => row['externalId'])).toEqual(
        ids.slice(0, 7),
      );
    });
    it('comes as lines on demand', async () => {
      const { text } = await sandbox.control('GET', '/dump?table=contact&format=ndjson');
      expect(
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toEqual(await dump('/dump?table=contact'));
    });
  });

  it('goes back to the start on reset, faults and settings too', async () => {
    const before = await sandbox.control('GET', '/dump?table=contact');
    await sandbox.control('POST', '/change', { creates: 3, updates: 3, deletes: 3 });
    await post('e1');
    await faults({ target: 'campaign', kind: 'refuse-all' });
    await sandbox.control('POST', '/settings', { campaign: { product: 'v8' } });
    await sandbox.control('POST', '/reset');
    expect((await sandbox.control('GET', '/dump?table=contact')).text).toBe(before.text);
    expect((await list()).body.content).toEqual([]);
    expect((await sandbox.control('GET', '/settings')).body.campaign.product).toBe('standard');
  });
});

describe('the token endpoint of Entra', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(() => sandbox.close());

  it.each([
    [{ client_secret: 'x' }, 401, 'AADSTS7000215'],
    [{ client_id: 'x' }, 400, 'AADSTS700016'],
    [{ scope: 'https://other.example/.default' }, 400, 'AADSTS500011'],
    [{ scope: '' }, 400, 'AADSTS900144'],
    [{ grant_type: 'password' }, 400, 'AADSTS70003'],
  ])('gives no token for %j', async (wrong: Record<string, string>, status, code) => {
    const { loginUrl, tenantId, clientId, clientSecret, url } = sandbox.handle.dynamics365;
    const right = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${url}/.default`,
    };
    const response = await form(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, { ...right, ...wrong });
    expect(response.status).toBe(status);
    expect(response.body.error_description).toContain(code);
  });
  it('does not know another tenant', async () => {
    const response = await form(`${sandbox.handle.dynamics365.loginUrl}/other/oauth2/v2.0/token`, {
      grant_type: 'client_credentials',
    });
    expect(response.body.error_description).toContain('AADSTS90002');
  });
});
