import { CampaignClient } from '../../lib/campaign/client';
import type { FindRequest } from '../../lib/campaign/records';
import { errorOf } from '../support/errors';
import { onSandbox, realCampaign, startSystems, timesStruck, type Systems } from './systems';

const profile = { name: 'profile', api: 'profileAndServicesExt' } as const;
const filter = { by: 'filter', filter: 'byExternalId', parameter: 'externalId_parameter' } as const;
const sandboxTest = onSandbox(realCampaign);

describe.each(realCampaign ? ([undefined] as const) : (['standard', 'v8'] as const))('Campaign %s', (product) => {
  let systems: Systems;
  let client: CampaignClient;
  const request: FindRequest = {
    resource: profile,
    keyField: 'externalId',
    keyValue: `contract-test-${Date.now()}`,
    lookup: filter,
  };
  beforeAll(async () => {
    systems = await startSystems(product === undefined ? {} : { product });
    client = systems.campaign;
  });
  afterAll(() => systems.close());

  it('can be probed', async () => {
    await client.probe();
  });

  it('lists profile, service and custom resources', async () => {
    const names = (await client.listResources()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['profile', 'service']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('describes the fields of a profile with types, lengths, nested ones and entries', async () => {
    const { fields } = await client.describeResource({ name: 'profile', api: 'profileAndServicesExt' });
    const byName = new Map(fields.map((field) => [field.name, field]));
    expect(byName.get('firstName')).toMatchObject({ type: 'string', maxLength: 30 });
    expect(byName.get('location.city')).toMatchObject({ type: 'string' });
    expect(byName.get('birthDate')).toMatchObject({ type: 'date' });
    expect(byName.get('blackListEmail')).toMatchObject({ type: 'boolean' });
    expect(byName.get('gender')).toMatchObject({ type: 'enumeration' });
  });

  sandboxTest("knows an enumeration's entries, a data policy, and what is read-only", async () => {
    const { fields } = await client.describeResource(profile);
    const byName = new Map(fields.map((field) => [field.name, field]));
    expect(byName.get('gender')?.values?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['unknown', 'male', 'female']),
    );
    expect(byName.get('email')?.dataPolicy).toBe('email');
    expect(byName.get('age')?.readOnly).toBe(true);
    expect((await client.listResources()).map(({ name, api }) => [name, api])).toEqual(
      expect.arrayContaining([
        ['cusMembership', 'profileAndServicesExt'],
        ['cusStore', 'customResources'],
      ]),
    );
  });

  it.each([['a filter', filter] as const, ['the key in the URL', { by: 'key' } as const]])(
    'creates, finds, updates and deletes a profile, looked up by %s',
    async (_name, lookup) => {
      const find = { ...request, lookup };
      expect(await client.find(find)).toBeNull();
      await client.create(profile, {
        externalId: request.keyValue,
        lastName: 'Lovelace',
        location: { city: 'London' },
      });
      const found = await client.find(find);
      expect(found?.record).toMatchObject({
        externalId: request.keyValue,
        lastName: 'Lovelace',
        location: { city: 'London' },
      });
      await client.update(found?.href ?? '', { lastName: 'King' });
      expect((await client.find(find))?.record).toMatchObject({ lastName: 'King' });
      expect(await client.remove(found?.href ?? '')).toBe('deleted');
      expect(await client.remove(found?.href ?? '')).toBe('absent');
      expect(await client.find(find)).toBeNull();
    },
  );

  it('says when a filter or a resource is unknown', async () => {
    const wrong = { ...request, lookup: { by: 'filter', filter: 'byNothing', parameter: 'x_parameter' } } as const;
    expect(await errorOf(client.find(wrong))).toMatchObject({ code: 'FILTER_UNKNOWN' });
    const error = await errorOf(client.describeResource({ name: 'cusNothing', api: 'profileAndServicesExt' }));
    expect(error).toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });

  describe('refusals of one record', () => {
    const key = (n: number) => `contract-refused-${n}`;
    sandboxTest.each([
      [1, { lastName: 'x'.repeat(60) }, 'TOO_LONG', undefined],
      [2, { gender: 'diverse' }, 'UNKNOWN_ENUMERATION_VALUE', 'gender'],
      [3, { email: 'no address' }, 'INVALID_EMAIL', 'email'],
      [4, { age: 7 }, 'READ_ONLY_FIELD', 'age'],
      [5, { cusNothing: 'x' }, 'UNKNOWN_FIELD', 'cusNothing'],
      [6, { birthDate: '0001-01-01' }, 'INVALID_VALUE', 'birthDate'],
      [7, { cusBlocked: 'LEGAL HOLD' }, 'REFUSED_BY_CAMPAIGN', undefined],
    ])('%p: %j', async (n, body, code, field) => {
      const error = await errorOf(client.create(profile, { externalId: key(n), ...body }));
      // v8 names no reason.
      expect(error).toMatchObject({
        name: 'RejectedRecordError',
        ...(product === 'v8' ? { code: 'REFUSED_BY_CAMPAIGN' } : { code, field }),
      });
      for (const value of Object.values(body)) expect(error.message).not.toContain(String(value).slice(0, 20) + '"');
      expect(await client.find({ ...request, keyValue: key(n) })).toBeNull();
    });

    sandboxTest('a duplicate', async () => {
      await client.create(profile, { externalId: 'contract-double' });
      const error = await errorOf(client.create(profile, { externalId: 'contract-double' }));
      expect(error).toMatchObject({ code: product === 'v8' ? 'REFUSED_BY_CAMPAIGN' : 'DUPLICATE_KEY' });
    });
  });

  describe('faults of the service', () => {
    const fault = (method: string, rest: object) =>
      systems.control('/faults', { target: 'campaign', match: { method }, ...rest });

    sandboxTest('a create whose response is lost is uncertain, and was carried out once', async () => {
      await fault('POST', { kind: 'drop-after' });
      const keyValue = 'contract-lost';
      expect(await errorOf(client.create(profile, { externalId: keyValue }))).toMatchObject({
        code: 'WRITE_UNCERTAIN',
      });
      expect((await client.find({ ...request, keyValue }))?.record).toMatchObject({ externalId: keyValue });
    });

    sandboxTest('an update whose response is lost is repeated', async () => {
      await client.create(profile, { externalId: 'contract-repeat' });
      const found = await client.find({ ...request, keyValue: 'contract-repeat' });
      await fault('PATCH', { kind: 'drop-after' });
      await client.update(found?.href ?? '', { lastName: 'King' });
      expect(await timesStruck(systems.sandbox)).toBe(1);
      expect((await client.find({ ...request, keyValue: 'contract-repeat' }))?.record).toMatchObject({
        lastName: 'King',
      });
      await fault('DELETE', { kind: 'drop-after' });
      expect(await client.remove(found?.href ?? '')).toBe('deleted');
      expect(await timesStruck(systems.sandbox)).toBe(1);
    });

    sandboxTest.each([
      ['502', { kind: 'status', status: 502 }],
      ["the gateway's 500", { kind: 'status', status: 500 }],
      ['429', { kind: 'rate-limit', retryAfter: 0 }],
      ['an expired token', { kind: 'expired-token' }],
    ])('reads go on after %s', async (_name, rest) => {
      await fault('GET', rest);
      await client.probe();
      expect(await timesStruck(systems.sandbox)).toBe(1);
    });
  });

  sandboxTest.each([
    [{ clientSecret: 'wrong' }, 'CLIENT_REFUSED'],
    [{ clientId: 'wrong' }, 'CLIENT_REFUSED'],
    [{ scopes: 'openid,unknown_scope' }, 'SCOPES_REFUSED'],
    [{ scopes: 'openid' }, 'ACCESS_REFUSED'],
    [{ tenant: 'another' }, 'TENANT_REFUSED'],
  ])('explains the credential %j as %s', async (overrides, code) => {
    await systems.control('/settings', { campaign: { badTenantStatus: 400 } });
    const wrong = new CampaignClient({ ...systems.sandbox.adobeCampaign, ...overrides });
    const error = await errorOf(wrong.probe());
    wrong.close();
    expect(error).toMatchObject({ name: 'ConfigurationError', code });
    expect(`${error.message} ${error.hint}`).not.toContain(systems.sandbox.adobeCampaign.clientSecret);
  });
});
