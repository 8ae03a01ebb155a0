import nock from 'nock';
import { CampaignClient } from '../../../lib/campaign/client';
import type { FindRequest } from '../../../lib/campaign/records';
import type { CampaignCredential } from '../../../lib/campaign/credential';
import { errorOf } from '../../support/errors';
import { fakeTime } from '../../support/test-clock';
import { scriptedServer, type Reply } from '../../support/scripted-server';

const HOST = 'https://mc.adobe.io';
const ROOT = '/geometrixx/campaign/';
const EXT = `${ROOT}profileAndServicesExt/profile`;
const resource = { name: 'profile', api: 'profileAndServicesExt' } as const;
const clients: CampaignClient[] = [];

function client(overrides: Partial<CampaignCredential> = {}, time = fakeTime()): CampaignClient {
  const made = new CampaignClient(
    { clientId: 'key', clientSecret: 's3cret!', tenant: 'geometrixx', ...overrides },
    time,
  );
  clients.push(made);
  return made;
}

const campaign = () =>
  nock(HOST, { reqheaders: { authorization: 'Bearer the-token', 'x-api-key': 'key', 'cache-control': 'no-cache' } });

/** A Campaign whose connections can be cut, which nock's can't. */
async function realServer(...replies: Reply[]) {
  nock.enableNetConnect('127.0.0.1');
  const server = await scriptedServer(...replies);
  closing.push(server);
  return { ...server, root: `${server.url}${ROOT}`, client: client({ apiUrl: server.url }) };
}
const closing: { close(): Promise<void> }[] = [];

beforeAll(() => nock.disableNetConnect());
beforeEach(() => {
  nock('https://ims-na1.adobelogin.com')
    .post(
      '/ims/token/v3',
      (body: Record<string, string>) =>
        body['client_secret'] === 's3cret!' && body['scope']?.includes('campaign_sdk') === true,
    )
    .reply(200, { access_token: 'the-token', token_type: 'bearer', expires_in: 86399 });
});
afterEach(async () => {
  for (const each of clients.splice(0)) each.close();
  for (const each of closing.splice(0)) await each.close();
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

const byKey: FindRequest = { resource, keyField: 'externalId', keyValue: 'A 1/ü', lookup: { by: 'key' } };
const byFilter: FindRequest = {
  ...byKey,
  keyValue: 'A1',
  lookup: { by: 'filter', filter: 'byExternalId', parameter: 'externalId_parameter' },
};
const found = (externalId: string, href = `${HOST}${EXT}/@abc`) => ({ PKey: '@abc', externalId, href });

describe('find by the key in the URL', () => {
  it('gives the record', async () => {
    campaign().get(`${EXT}/A%201%2F%C3%BC`).reply(200, found('A 1/ü'));
    expect(await client().find(byKey)).toEqual({ href: `${HOST}${EXT}/@abc`, record: found('A 1/ü') });
  });

  it.each([
    [404, { error_code: '404', message: "RST-360011 Unable to find document with path 'Profile' from key 'x'" }],
    [500, { message: "RST-360011 Unable to find document with path 'Profile' from key 'x'" }],
    [404, ''],
    [200, { content: [] }],
    [200, {}],
    [204, ''],
  ])('takes %p %j as not there', async (status, body) => {
    campaign()
      .get(/profile/)
      .reply(status, body);
    expect(await client().find(byKey)).toBeNull();
  });

  it.each([
    { error_code: '404', message: 'RST-360000 The requested resource does not exist.' },
    { message: "RST-360011 No resource 'ü'" },
  ])(
    'does not take a key with a slash for missing where Campaign took the slash for one of the address: %j',
    async (body) => {
      campaign()
        .get(/profile/)
        .reply(404, body);
      expect(await errorOf(client().find(byKey))).toMatchObject({
        name: 'RejectedRecordError',
        code: 'KEY_NOT_USABLE',
      });
    },
  );

  it.each(['', '  ', '.', '..', '@abc'])('does not ask for the key %p', async (keyValue) => {
    expect(await errorOf(client().find({ ...byKey, keyValue }))).toMatchObject({
      name: 'RejectedRecordError',
      code: 'KEY_NOT_USABLE',
    });
  });

  it.each([
    [`${ROOT}profileAndServicesExt/profile/@abc`, `${HOST}${EXT}/@abc`],
    ['profileAndServicesExt/profile/@abc', `${HOST}${EXT}/@abc`],
    [`${HOST}${EXT}/@abc`, `${HOST}${EXT}/@abc`],
  ])('follows the href %s', async (href, expected) => {
    campaign()
      .get(/profile/)
      .reply(200, found('x', href));
    expect((await client().find(byKey))?.href).toBe(expected);
  });

  it('does not follow an href to another server', async () => {
    campaign()
      .get(/profile/)
      .reply(200, found('x', 'https://evil.example/@abc'));
    expect(await errorOf(client().find(byKey))).toMatchObject({ code: 'FOREIGN_LINK' });
  });

  it('never says "not there" when the gateway failed', async () => {
    campaign()
      .get(/profile/)
      .times(10)
      .reply(502, { code: 502, message: 'Oops. Something went wrong. Check your URI and try again.' });
    expect(await errorOf(client().find(byKey))).toMatchObject({ name: 'RetriableError', code: 'CAMPAIGN_UNAVAILABLE' });
  });

  it('says that the API is not there when something else answers', async () => {
    campaign()
      .get(/profile/)
      .reply(200, '<html>Welcome</html>');
    expect(await errorOf(client().find(byKey))).toMatchObject({ code: 'NOT_CAMPAIGN' });
  });
});

describe('find by a filter', () => {
  const response = (content: object[], rest: object = {}) =>
    campaign()
      .get(`${EXT}/byExternalId?externalId_parameter=A1`)
      .reply(200, { content, ...rest });

  it('gives the record', async () => {
    response([found('A1')]);
    expect((await client().find(byFilter))?.record).toEqual(found('A1'));
  });

  it('gives null for no match', async () => {
    response([]);
    expect(await client().find(byFilter)).toBeNull();
  });

  it('picks the one with exactly the key from several', async () => {
    response([found('A12'), found('A1'), found('a1')]);
    expect((await client().find(byFilter))?.record).toEqual(found('A1'));
  });

  it('gives back a single record with another key, for the caller to refuse', async () => {
    response([found('a1')]);
    expect((await client().find(byFilter))?.record).toEqual(found('a1'));
  });

  it.each([
    ['two with the key', [found('A1'), found('A1')]],
    ['several, none with the key', [found('A2'), found('A3')]],
  ])('refuses %s', async (_name, content) => {
    response(content);
    expect(await errorOf(client().find(byFilter))).toMatchObject({
      name: 'RejectedRecordError',
      code: 'AMBIGUOUS_KEY',
    });
  });

  it.each([
    ['a full page', Array.from({ length: 25 }, (_, n) => found(`B${n}`)), {}],
    ['a list that goes on', [found('A1'), found('B')], { next: { href: 'x' } }],
  ])('takes %s for a filter that does not filter', async (_name, content, rest) => {
    response(content, rest);
    expect(await errorOf(client().find(byFilter))).toMatchObject({
      name: 'ConfigurationError',
      code: 'FILTER_NOT_BY_KEY',
    });
  });

  it('never takes a missing filter for a missing record', async () => {
    campaign()
      .get(/byExternalId/)
      .reply(404, {
        error_code: '404',
        message: "Unable to find document with path 'Profile' from key 'byExternalId'",
      });
    expect(await errorOf(client().find(byFilter))).toMatchObject({
      name: 'ConfigurationError',
      code: 'FILTER_UNKNOWN',
    });
  });

  it('leaves out the prefix on v8, and remembers that', async () => {
    const prefixed = campaign()
      .get(/byExternalId/)
      .reply(404);
    campaign()
      .get(`${EXT}/externalId?externalId_parameter=A1`)
      .times(2)
      .reply(200, { content: [found('A1')] });
    const v8 = client({ product: 'v8' });
    await v8.find(byFilter);
    expect((await v8.find(byFilter))?.record).toEqual(found('A1'));
    expect(prefixed.isDone()).toBe(true);
  });

  it('gives up on v8 when no form of the name is known', async () => {
    campaign()
      .get(/xternalId/)
      .times(3)
      .reply(404);
    expect(await errorOf(client({ product: 'v8' }).find(byFilter))).toMatchObject({ code: 'FILTER_UNKNOWN' });
  });
});

describe('create', () => {
  it('posts the body and gives the record', async () => {
    campaign()
      .post(EXT, { externalId: 'A1', location: { city: 'Ulm' } })
      .reply(201, found('A1'));
    expect(await client().create(resource, { externalId: 'A1', location: { city: 'Ulm' } })).toMatchObject({
      href: `${HOST}${EXT}/@abc`,
    });
  });

  it.each([
    ['a gateway error', 502, ''],
    ["the gateway's Oops", 500, { code: 500, message: 'Oops. Something went wrong. Check your URI and try again.' }],
    ['a success that can not be read', 201, '{"half'],
  ])('says that the write is uncertain after %s, and does not repeat it', async (_name, status, body) => {
    campaign().post(EXT).reply(status, body);
    expect(await errorOf(client().create(resource, { a: 1 }))).toMatchObject({ code: 'WRITE_UNCERTAIN' });
    expect(nock.isDone()).toBe(true);
  });

  it('says that the write is uncertain after a dropped connection', async () => {
    const server = await realServer('drop');
    expect(await errorOf(server.client.create(resource, { a: 1 }))).toMatchObject({ code: 'WRITE_UNCERTAIN' });
    expect(server.seen).toHaveLength(1);
  });

  it('repeats on 429', async () => {
    campaign().post(EXT).reply(429, '', { 'Retry-After': '1' });
    campaign().post(EXT).reply(201, found('A1'));
    await client().create(resource, { a: 1 });
    expect(nock.isDone()).toBe(true);
  });

  it('tells a duplicate', async () => {
    campaign()
      .post(EXT)
      .reply(500, { message: 'PGS-220000 PostgreSQL error: ERROR: duplicate key value violates unique constraint' });
    expect(await errorOf(client().create(resource, { a: 1 }))).toMatchObject({
      name: 'RejectedRecordError',
      code: 'DUPLICATE_KEY',
    });
  });
});

describe('update and remove', () => {
  const href = `${HOST}${EXT}/@abc`;

  it.each([200, 204])('takes %p for done', async (status) => {
    campaign().patch(`${EXT}/@abc`, { a: 1 }).reply(status);
    await client().update(href, { a: 1 });
    expect(nock.isDone()).toBe(true);
  });

  it('repeats an update after a dropped connection', async () => {
    const server = await realServer('drop', { status: 200, body: '{}' });
    await server.client.update(`${server.root}profileAndServicesExt/profile/@abc`, { a: 1 });
    expect(server.seen.map(({ method, body }) => [method, body])).toEqual([
      ['PATCH', '{"a":1}'],
      ['PATCH', '{"a":1}'],
    ]);
  });

  it('says when the record is gone', async () => {
    campaign().patch(`${EXT}/@abc`).reply(404, '');
    expect(await errorOf(client().update(href, { a: 1 }))).toMatchObject({
      name: 'RejectedRecordError',
      code: 'RECORD_GONE',
    });
  });

  it('takes a web page for no response of Campaign, whatever its status says', async () => {
    const page = '\n<!DOCTYPE html><html><body>Sign in</body></html>';
    campaign().patch(`${EXT}/@abc`).reply(200, page);
    campaign().delete(`${EXT}/@abc`).reply(200, page);
    const made = client();
    for (const write of [() => made.update(href, { a: 1 }), () => made.remove(href)]) {
      expect(await errorOf(write())).toMatchObject({ name: 'ConfigurationError', code: 'NOT_CAMPAIGN' });
    }
  });

  it.each([
    ['is not there either', 404, '<html>Not found</html>', 'NOT_CAMPAIGN'],
    ['is a page too', 200, '<html>Sign in</html>', 'NOT_CAMPAIGN'],
    ['comes from Campaign', 200, '{"content":[]}', undefined],
  ])('believes a page that says "not there" by the list of the records, which %s', async (_, status, body, code) => {
    const made = client();
    for (const look of [() => made.remove(href), () => made.find({ ...byKey, keyValue: 'A1' })]) {
      campaign()
        .intercept(/profile\/[^?]+$/, 'GET')
        .optionally()
        .times(2)
        .reply(404, '<html>Not found</html>');
      campaign().delete(`${EXT}/@abc`).optionally().times(2).reply(404, '<html>Not found</html>');
      campaign().get(`${EXT}?_lineCount=1`).reply(status, body);
      if (code === undefined) expect(['absent', null]).toContain(await look());
      else expect(await errorOf(look())).toMatchObject({ code });
    }
  });

  it('asks again after a page that says "not there" of a record that is there', async () => {
    const made = client();
    campaign().get(`${EXT}/A1`).reply(404, '<html>Not found</html>');
    campaign()
      .get(`${EXT}?_lineCount=1`)
      .twice()
      .reply(200, { content: [{}] });
    campaign().get(`${EXT}/A1`).reply(200, { externalId: 'A1', href });
    expect(await made.find({ ...byKey, keyValue: 'A1' })).toMatchObject({ href });
    campaign().delete(`${EXT}/@abc`).reply(404, '<html>Not found</html>');
    campaign().delete(`${EXT}/@abc`).reply(200);
    expect(await made.remove(href)).toBe('deleted');
  });

  it.each([200, 204])('deletes: %p', async (status) => {
    campaign().delete(`${EXT}/@abc`).reply(status);
    expect(await client().remove(href)).toBe('deleted');
  });

  it('takes a record that is not there for absent', async () => {
    campaign().delete(`${EXT}/@abc`).reply(404, '');
    expect(await client().remove(href)).toBe('absent');
  });

  it('takes it for deleted when an earlier try of the same call may have done it', async () => {
    const server = await realServer('drop', { status: 404 });
    expect(await server.client.remove(`${server.root}profileAndServicesExt/profile/@abc`)).toBe('deleted');
  });

  it.each([
    [500, "XTK-170036 Unable to parse expression '@id = @abc'."],
    [404, 'Unable to decrypt PKey. (PKey=@abc)'],
  ])('does not call a record absent whose link was not understood (%p)', async (status, message) => {
    campaign().delete(`${EXT}/@abc`).reply(status, { message });
    expect(await errorOf(client().remove(href))).toMatchObject({ code: 'LINK_REFUSED' });
  });

  it('writes to no other server', async () => {
    expect(await errorOf(client().remove('https://evil.example/@abc'))).toMatchObject({ code: 'FOREIGN_LINK' });
  });
});

describe('metadata', () => {
  it('lists each resource once, the extended API before the others', async () => {
    campaign()
      .get(`${ROOT}profileAndServicesExt/`)
      .reply(200, {
        apiName: 'resourceType',
        profile: { type: 'collection', label: 'Profiles' },
        cusProduct: { type: 'collection' },
      });
    campaign().get(`${ROOT}customResources/`).reply(404, '');
    expect(await client().listResources()).toEqual([
      { name: 'cusProduct', api: 'profileAndServicesExt', label: 'cusProduct' },
      { name: 'profile', api: 'profileAndServicesExt', label: 'Profiles' },
      { name: 'service', api: 'profileAndServices', label: 'service' },
    ]);
  });

  it('does not take a refused sign-in for an instance without resources', async () => {
    campaign().get(/./).times(2).reply(403, { error_code: '403003', message: 'Api Key is invalid' });
    expect(await errorOf(client().listResources())).toMatchObject({ code: 'ACCESS_REFUSED' });
  });

  it('describes a resource', async () => {
    campaign()
      .get(`${ROOT}profileAndServicesExt/resourceType/profile`)
      .reply(200, {
        label: 'Profiles',
        content: { email: { label: 'Email', type: 'string', resType: 'string', length: '128' } },
      });
    expect(await client().describeResource(resource)).toEqual({
      resource: { ...resource, label: 'Profiles' },
      fields: [{ name: 'email', label: 'Email', type: 'string', maxLength: 128, mandatory: false, readOnly: false }],
    });
  });

  it('says when a resource is unknown', async () => {
    campaign()
      .get(/resourceType/)
      .reply(404, '');
    expect(await errorOf(client().describeResource(resource))).toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });
});

describe('whether a resource was empty', () => {
  const list = (status: number, body: nock.Body) => campaign().get(`${EXT}?_lineCount=1`).reply(status, body);

  it('is asked once, however many ask at the same time and afterwards', async () => {
    const asking = client();
    expect(asking.hasLookedAt(resource)).toBe(false);
    list(200, { content: [] });
    const both = [asking.wasEmpty(resource), asking.wasEmpty(resource)];
    expect(asking.hasLookedAt(resource)).toBe(true);
    expect(await Promise.all(both)).toEqual([true, true]);
    expect(await asking.wasEmpty(resource)).toBe(true);
  });

  it('is no where one record is there', async () => {
    list(200, { content: [{ externalId: 'A1' }] });
    expect(await client().wasEmpty(resource)).toBe(false);
  });

  it('is asked anew after six hours', async () => {
    const time = fakeTime();
    const asking = client({}, time);
    list(200, { content: [] });
    expect(await asking.wasEmpty(resource)).toBe(true);
    await time.clock.sleep(6 * 3_600_000 - 1);
    expect(asking.hasLookedAt(resource)).toBe(true);
    await time.clock.sleep(1);
    expect(asking.hasLookedAt(resource)).toBe(false);
    list(200, { content: [{ externalId: 'A1' }] });
    expect(await asking.wasEmpty(resource)).toBe(false);
  });

  it('is asked anew after a response that said nothing', async () => {
    const asking = client();
    list(403, { error_code: '403003', message: 'Api Key is invalid' });
    await errorOf(asking.wasEmpty(resource));
    list(200, { content: [] });
    expect(await asking.wasEmpty(resource)).toBe(true);
  });
});

describe('probe and sign-in', () => {
  it('lists one record', async () => {
    campaign().get(`${ROOT}profileAndServices/profile?_lineCount=1`).reply(200, { content: [] });
    await client().probe();
    expect(nock.isDone()).toBe(true);
  });

  it.each([
    [{ error: 'invalid_client', error_description: 'invalid client_secret parameter' }, 'CLIENT_REFUSED'],
    [{ error: 'invalid_scope' }, 'SCOPES_REFUSED'],
    [{ error: 'else' }, 'SIGN_IN_REFUSED'],
  ])('explains %j', async (body, code) => {
    nock.cleanAll();
    nock('https://ims-na1.adobelogin.com').post('/ims/token/v3').reply(400, body);
    const error = await errorOf(client().probe());
    expect(error).toMatchObject({ name: 'ConfigurationError', code });
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain('s3cret!');
  });

  it.each(['', 'a/b', '..', 'a?b'])('refuses the tenant %p', (tenant) => {
    expect(() => client({ tenant })).toThrow(expect.objectContaining({ code: 'TENANT_INVALID' }));
  });
});
