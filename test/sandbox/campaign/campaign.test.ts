import { form, openSandbox, signInToIms, type TestSandbox } from '../support';

const PROFILE = 'profileAndServicesExt/profile';

describe('Adobe Campaign', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  beforeEach(() => sandbox.reset());
  afterAll(() => sandbox.close());

  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    sandbox.campaign(method, path, body, headers);
  const create = (body: object) => call('POST', PROFILE, body);
  const settings = (campaign: object) => sandbox.control('POST', '/settings', { campaign });
  const engineCalls = async () => (await sandbox.control('GET', '/stats')).body.engineCalls as number;

  describe('the gateway', () => {
    it.each([
      ['a bad token', { authorization: 'Bearer nonsense' }, 401, '401013'],
      ['a bad API key', { 'x-api-key': 'nonsense' }, 403, '403003'],
    ])('refuses %s', async (_, headers, status, code) => {
      expect(await call('GET', PROFILE, undefined, headers)).toMatchObject({ status, body: { error_code: code } });
    });
    it('refuses a token without the product', async () => {
      const authorization = `Bearer ${await signInToIms(sandbox.handle, { scope: 'openid' })}`;
      const response = await call('GET', PROFILE, undefined, { authorization });
      expect(response).toMatchObject({ status: 403, body: { error_code: '403023', message: 'Profile is not valid' } });
    });
    it.each([400, 500])('refuses a wrong tenant with %i', async (badTenantStatus) => {
      await settings({ badTenantStatus });
      const { apiUrl } = sandbox.handle.adobeCampaign;
      const response = await call('GET', `${apiUrl}/nobody/campaign/${PROFILE}`);
      expect(response).toMatchObject({ status: badTenantStatus, body: { message: expect.stringMatching(/^Oops/) } });
    });
    it.each([{ client_secret: 'x' }, { client_id: 'x' }, { scope: 'nope' }, { grant_type: 'password' }])(
      'gives no token for %j',
      async (wrong: Record<string, string>) => {
        const { imsUrl, clientId, clientSecret, scopes } = sandbox.handle.adobeCampaign;
        const right = {
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
          scope: scopes,
        };
        const response = await form(`${imsUrl}/ims/token/v3`, { ...right, ...wrong });
        expect(response.status).toBe(400);
        expect(response.body.access_token).toBeUndefined();
      },
    );
  });

  describe('metadata', () => {
    it('lists built-in, extended and unlinked resources apart', async () => {
      const names = async (api: string) =>
        Object.keys((await call('GET', `${api}/`)).body).filter((name) => name !== 'apiName');
      expect(await names('profileAndServices')).toEqual(['profile', 'service']);
      expect(await names('profileAndServicesExt')).toEqual(['profile', 'service', 'cusMembership', 'cusPurchase']);
      expect(await names('customResources')).toEqual(['cusStore']);
    });
    it("maps resources in the form of Adobe's documentation", async () => {
      const { body } = await call('GET', 'profileAndServicesExt/');
      expect(body.apiName).toBe('resourceType');
      expect(Object.keys(body.cusMembership).sort()).toEqual(['content', 'data', 'help', 'href', 'name', 'type']);
      expect((await call('GET', body.cusMembership.href)).body).toMatchObject({ name: 'cusMembership', type: 'item' });
    });
    it('describes extension fields in the extended API alone', async () => {
      const content = async (api: string) => (await call('GET', `${api}/resourceType/profile`)).body.content;
      expect(await content('profileAndServices')).not.toHaveProperty('cusVip');
      const extended = await content('profileAndServicesExt');
      expect(extended.cusVip).toMatchObject({ type: 'boolean', resType: 'boolean' });
      expect(extended.firstName).toMatchObject({ length: '30', type: 'string', readOnly: false });
      expect(extended.gender.values.map((each: { name: string }) => each.name)).toEqual(['unknown', 'male', 'female']);
      expect(extended.location.content.city).toMatchObject({ apiName: 'city', type: 'string' });
      expect(extended.age.readOnly).toBe(true);
    });
  });

  describe('records', () => {
    it('come back whole from POST, empty values in their own way', async () => {
      const { status, body } = await create({
        externalId: 'e1',
        email: 'Ada@Mail.Example',
        location: { city: 'Köln' },
      });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        externalId: 'e1',
        email: 'ada@mail.example',
        firstName: '',
        birthDate: '',
        cusScore: 0,
        cusVip: false,
        gender: 'unknown',
        location: { city: 'Köln', zipCode: '' },
        created: '2026-03-01 10:00:00.250Z',
      });
    });
    it('have another PKey in every reply, and each of them works', async () => {
      const { body } = await create({ externalId: 'e1' });
      const again = (await call('GET', `${PROFILE}/e1`)).body;
      expect(again.PKey).not.toBe(body.PKey);
      for (const pkey of [body.PKey, again.PKey])
        expect((await call('GET', `${PROFILE}/${pkey}`)).body.externalId).toBe('e1');
    });
    it.each([
      ['absolute', /^http:\/\/127\.0\.0\.1:\d+\/sandbox-mkt-stage\/campaign\/profileAndServicesExt\/profile\/@/],
      ['host', /^\/sandbox-mkt-stage\/campaign\/profileAndServicesExt\/profile\/@/],
      ['campaign', /^profileAndServicesExt\/profile\/@/],
    ])('link to themselves in the form %s', async (hrefs, expected) => {
      await settings({ hrefs });
      expect((await create({ externalId: 'e1' })).body.href).toMatch(expected);
    });
    it('are found by filter and by key, or not at all', async () => {
      await create({ externalId: 'e 1', email: 'a+b@mail.example', lastName: 'Meier' });
      const found = async (path: string) => (await call('GET', `${PROFILE}/${path}`)).body.content?.length;
      expect(await found('byExternalId?externalId_parameter=e%201')).toBe(1);
      expect(await found('byExternalId?externalId_parameter=other')).toBe(0);
      expect(await found('byEmail?email=a%2Bb%40mail.example')).toBe(1);
      expect(await found('byText?text=Mei')).toBe(1);
      expect(await found('byText?text=mei')).toBe(0);
      expect(await found('byText/byEmail?text=Mei&email=other')).toBe(0);
      expect((await call('GET', `${PROFILE}/e%201`)).status).toBe(200);
      expect((await call('GET', `${PROFILE}/other`)).status).toBe(404);
      expect((await call('GET', `${PROFILE}/byExternalId?externalId=e1`)).status).toBe(500);
    });
    it('page by 25, or as many as asked for, in the order asked for', async () => {
      await sandbox.control('POST', '/seed', { table: 'profile', count: 60, seed: 1 });
      expect((await call('GET', PROFILE)).body.content).toHaveLength(25);
      const names: string[] = [];
      for (let link: string | undefined = `${PROFILE}?_lineCount=20&_order=lastName%20desc`; link;) {
        const { body } = await call('GET', link);
        names.push(...body.content.map((each: { lastName: string }) => each.lastName));
        link = body.next?.href as string | undefined;
      }
      expect(names).toEqual([...names].sort().reverse());
      expect(names).toHaveLength(60);
      expect((await call('GET', (await call('GET', PROFILE)).body.count.href)).body).toEqual({ count: 60 });
    });
    it.each(['nothing', 'cusUnknown desc', 'lastName down', 'lastName desc twice', 'constructor'])(
      'are not listed in the order of %s, which they do not have',
      async (order) => {
        const { status, body } = await call('GET', `${PROFILE}?_order=${encodeURIComponent(order)}`);
        expect(status).toBe(500);
        expect(body.content).toBeUndefined();
      },
    );
    it('are found where the slashes of the address are encoded', async () => {
      await call('POST', PROFILE, { externalId: 'e9', lastName: 'Slash' });
      const { body } = await call('GET', `${PROFILE}/e9`.replace('/profile/', '%2Fprofile%2f'));
      expect(body).toMatchObject({ lastName: 'Slash' });
    });
    it('leave the next page out of a large table unless it is asked for', async () => {
      await sandbox.control('POST', '/seed', { table: 'profile', count: 60, seed: 1 });
      await settings({ forcePaginationAbove: 50 });
      expect((await call('GET', PROFILE)).body.next).toBeUndefined();
      expect((await call('GET', `${PROFILE}?_forcePagination=true`)).body.next.href).toContain('_forcePagination=true');
    });
  });

  describe('refusals', () => {
    it.each<[string, object, RegExp]>([
      ['an unknown field', { nope: 1 }, /'nope' property is not valid/],
      ['a read-only field', { age: 3 }, /Cannot update the 'age' property that is read-only/],
      ['a text that is too long', { firstName: 'x'.repeat(31) }, /PGS-220000.*character varying\(30\)/],
      ['an integer out of range', { cusVisits: 3_000_000_000 }, /PGS-220000.*integer out of range/],
      ['a date that is none', { birthDate: '1999-02-30' }, /XTK-170006/],
      ['a date that the database can not hold', { birthDate: '9999-12-30' }, /XTK-170006/],
      ['a datetime without time zone', { cusLastVisit: '2020-01-01 10:00:00' }, /XTK-170006/],
      [
        'an unknown enumeration value',
        { gender: 'diverse' },
        /The value 'diverse' is not valid for the 'nms:recipient:gender' enumeration/,
      ],
      ['an e-mail address that is none', { email: 'a@localhost' }, /not a valid email address/],
      ['a rule of the customer', { cusBlocked: 'LEGAL HOLD' }, /SCR-160012/],
      ['a value that another one makes mandatory', { cusVip: true }, /'cusSegment' field.*mandatory/],
      [
        'a duplicate key',
        { externalId: 'first' },
        /already exists\. PGS-220000.*duplicate key value violates unique constraint/,
      ],
    ])('come as a permanent 500 for %s; on v8 without a reason', async (_, body, expected) => {
      await create({ externalId: 'first' });
      const refused = await create({ externalId: 'e1', ...body });
      expect(refused.status).toBe(500);
      expect(refused.body.message).toMatch(expected);
      await settings({ product: 'v8' });
      const generic = await create({ externalId: 'e1', ...body });
      expect(generic.status).toBe(500);
      expect(generic.body.message).not.toMatch(/PGS|XTK|RST|SCR/);
      expect((await sandbox.control('GET', '/stats')).body.rows.campaign.profile).toBe(1);
    });
    it('tell an invalid PKey as 500, on v8 as 404', async () => {
      expect(await call('GET', `${PROFILE}/@nonsense`)).toMatchObject({
        status: 500,
        body: { message: expect.stringContaining('XTK-170036') },
      });
      await settings({ product: 'v8' });
      expect(await call('GET', `${PROFILE}/@nonsense`)).toMatchObject({
        status: 404,
        body: { message: expect.stringContaining('Unable to decrypt PKey') },
      });
    });
    it('keep the key that a URL names, and the key of a custom resource always', async () => {
      await create({ externalId: 'e1' });
      const changed = await call('PATCH', `${PROFILE}/e1`, { externalId: 'e2' });
      expect(changed).toMatchObject({
        status: 500,
        body: { message: expect.stringContaining("Cannot update key 'e1' to 'e2'") },
      });
      const { body } = await call('POST', 'customResources/cusStore', { cusStoreId: 's1' });
      expect((await call('PATCH', `customResources/cusStore/${body.PKey}`, { cusStoreId: 's2' })).status).toBe(500);
    });
    it('miss a mandatory key', async () => {
      expect((await call('POST', 'customResources/cusStore', { cusName: 'Shop' })).status).toBe(500);
    });
    it('pass over a link without a PKey, on v8 not', async () => {
      const parent = (await create({ externalId: 'e1' })).body;
      const post = (id: string, profile: object) =>
        call('POST', 'profileAndServicesExt/cusMembership', { cusMembershipId: id, profile });
      expect((await post('m1', { externalId: 'e1' })).body).toMatchObject({ cusContactId: '', profile: null });
      expect((await post('m2', { PKey: parent.PKey })).body.cusContactId).toBe('e1');
      await settings({ product: 'v8' });
      expect((await post('m3', { externalId: 'e1' })).status).toBe(500);
    });
  });

  describe('v8', () => {
    beforeEach(() => settings({ product: 'v8' }));
    it("drops a custom filter's prefix", async () => {
      await create({ externalId: 'e1' });
      expect((await call('GET', `${PROFILE}/externalId?externalId_parameter=e1`)).body.content).toHaveLength(1);
      expect((await call('GET', `${PROFILE}/byExternalId?externalId_parameter=e1`)).status).toBe(404);
    });
    it('answers an empty PATCH with 204 and refuses location', async () => {
      await create({ externalId: 'e1' });
      expect((await call('PATCH', `${PROFILE}/e1`, {})).status).toBe(204);
      expect((await call('PATCH', `${PROFILE}/e1`, { location: { city: 'X' } })).status).toBe(500);
    });
    it('answers 429 past the contractual rate, when there is one', async () => {
      await settings({ requestsPerSecond: 2 });
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await call('GET', PROFILE)).status);
      expect(statuses).toEqual([200, 200, 429]);
    });
  });

  it('counts an insert and a delete as one engine call, an update as two, and one when nothing changed', async () => {
    await create({ externalId: 'e1' });
    expect(await engineCalls()).toBe(1);
    await call('PATCH', `${PROFILE}/e1`, { lastName: 'New' });
    expect(await engineCalls()).toBe(3);
    await call('PATCH', `${PROFILE}/e1`, { lastName: 'New' });
    expect(await engineCalls()).toBe(4);
    await call('DELETE', `${PROFILE}/e1`);
    expect(await engineCalls()).toBe(5);
    await call('DELETE', `${PROFILE}/e1`);
    expect(await engineCalls()).toBe(5);
  });

  it('keeps when each opt-out changed, and only then', async () => {
    const { body } = await create({ externalId: 'e1', blackListEmail: true });
    expect(body).toMatchObject({
      blackListEmailLastModified: '2026-03-01 10:00:00.250Z',
      blackListPhoneLastModified: '',
    });
    sandbox.advance(60_000);
    await call('PATCH', `${PROFILE}/e1`, { blackListEmail: true, blackListPhone: true });
    expect((await call('GET', `${PROFILE}/e1`)).body).toMatchObject({
      blackListEmailLastModified: '2026-03-01 10:00:00.250Z',
      blackListPhoneLastModified: '2026-03-01 10:01:00.250Z',
      blackListAllLastModified: '2026-03-01 10:01:00.250Z',
      lastModified: '2026-03-01 10:01:00.250Z',
    });
  });

  it('hides a child without its parent where links are simple', async () => {
    await settings({ simpleLinks: true });
    const path = 'profileAndServicesExt/cusMembership';
    expect((await call('POST', path, { cusMembershipId: 'm1', cusContactId: 'e1' })).status).toBe(201);
    expect((await call('GET', `${path}/m1`)).status).toBe(404);
    expect((await call('PATCH', `${path}/m1`, { cusName: 'X' })).status).toBe(500);
    await create({ externalId: 'e1' });
    expect((await call('GET', `${path}/m1`)).status).toBe(200);
  });

  it('follows a renamed and a retyped field', async () => {
    await create({ externalId: 'e1', cusCompany: 'Contoso' });
    const schema = [
      { system: 'campaign', table: 'profile', column: 'cusCompany', action: 'rename', to: 'cusEmployer' },
      { system: 'campaign', table: 'profile', column: 'cusScore', action: 'retype', to: 'date' },
    ];
    await sandbox.control('POST', '/settings', { schema });
    expect((await call('GET', `${PROFILE}/e1`)).body.cusEmployer).toBe('Contoso');
    expect((await call('PATCH', `${PROFILE}/e1`, { cusCompany: 'X' })).status).toBe(500);
    expect((await call('PATCH', `${PROFILE}/e1`, { cusScore: 5 })).status).toBe(500);
  });
});
