import nock from 'nock';
import { DataverseClient } from '../../../lib/dataverse/client';
import { CONTACT } from '../../support/builders';
import { errorOf } from '../../support/errors';
import { fakeTime } from '../../support/test-clock';
import { turn } from '../../support/turn';

const ORG = 'https://contoso.crm4.dynamics.com';
const API = '/api/data/v9.2';
const id = (n: number) => `0a1b2c3d-0000-4000-8000-0000000000${String(n).padStart(2, '0')}`;

const clients: DataverseClient[] = [];

function client(overrides: object = {}): DataverseClient {
  const made = new DataverseClient(
    { url: `${ORG}/main.aspx`, tenantId: 'tenant', clientId: 'client', clientSecret: 's3cret!', ...overrides },
    fakeTime(),
  );
  clients.push(made);
  return made;
}

function signIn() {
  return nock('https://login.microsoftonline.com')
    .post('/tenant/oauth2/v2.0/token', {
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 's3cret!',
      scope: `${ORG}/.default`,
    })
    .reply(200, { token_type: 'Bearer', expires_in: 3599, access_token: 'the-token' });
}

const org = () => nock(ORG, { reqheaders: { authorization: 'Bearer the-token', 'odata-version': '4.0' } });

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  for (const each of clients.splice(0)) each.close();
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

describe('readPage', () => {
  it('asks for the columns with change tracking, and gives rows and links', async () => {
    signIn();
    org()
      .get(`${API}/contacts?$select=contactid,firstname,_parentcustomerid_value`)
      .matchHeader(
        'prefer',
        'odata.track-changes,odata.maxpagesize=500,odata.include-annotations="OData.Community.Display.V1.FormattedValue"',
      )
      .reply(200, {
        value: [{ contactid: id(1), firstname: 'Ada' }],
        '@odata.deltaLink': `${ORG}${API}/contacts?$deltatoken=1%21`,
      });
    const columns = ['firstname', '_parentcustomerid_value', 'contactid'];
    const page = await client().readPage({ table: CONTACT, columns, pageSize: 500, trackChanges: true });
    expect(page).toEqual({
      rows: [{ contactid: id(1), firstname: 'Ada' }],
      deletions: [],
      deltaLink: `${ORG}${API}/contacts?$deltatoken=1%21`,
    });
  });

  it('encodes filters and orders', async () => {
    signIn();
    org()
      .get(
        `${API}/contacts?$select=contactid&$filter=lastname%20eq%20'M%C3%BCller%20%26%20S%C3%B6hne%2B'&$orderby=modifiedon%20desc`,
      )
      .reply(200, { value: [] });
    const request = {
      table: CONTACT,
      columns: [],
      pageSize: 10,
      filter: "lastname eq 'Müller & Söhne+'",
      orderBy: 'modifiedon desc',
    };
    expect((await client().readPage(request)).rows).toEqual([]);
  });

  it.each([
    'https://evil.example/api/data/v9.2/contacts?$skiptoken=1',
    'https://contoso.crm5.dynamics.com/api/data/v9.2/contacts?$skiptoken=1',
  ])('does not send its token to %s', async (link) => {
    const error = await errorOf(client().readPage({ table: CONTACT, link, pageSize: 10 }));
    expect(error).toMatchObject({ name: 'FatalError', code: 'FOREIGN_LINK' });
  });

  it('refuses a table that turns out not to track changes', async () => {
    signIn();
    org()
      .get(/contacts/)
      .twice()
      .reply(200, { value: [{ contactid: id(1) }] });
    const error = await errorOf(client().readPage({ table: CONTACT, columns: [], pageSize: 10, trackChanges: true }));
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'CHANGE_TRACKING_OFF' });
  });

  it('asks again without annotations where they cost the delta link, and from then on at once', async () => {
    signIn();
    const asked: boolean[] = [];
    org()
      .get(/contacts/)
      .times(3)
      .reply(200, function () {
        const annotated = String(this.req.headers['prefer']).includes('include-annotations');
        asked.push(annotated);
        const rows = { value: [{ contactid: id(1) }] };
        return annotated ? rows : { ...rows, '@odata.deltaLink': `${ORG}/api/data/v9.2/contacts?$deltatoken=1` };
      });
    const dataverse = client();
    const request = { table: CONTACT, columns: [], pageSize: 10, trackChanges: true };
    expect(await dataverse.readPage(request)).toMatchObject({ deltaLink: expect.stringContaining('deltatoken') });
    expect(await dataverse.readPage(request)).toMatchObject({ deltaLink: expect.stringContaining('deltatoken') });
    expect(asked).toEqual([true, false, false]);
  });

  it('takes an empty object behind a delta link as nothing changed', async () => {
    signIn();
    org()
      .get(/deltatoken/)
      .reply(200, {});
    const link = `${ORG}${API}/contacts?$select=contactid&$deltatoken=1`;
    expect(await client().readPage({ table: CONTACT, link, pageSize: 10, trackChanges: true })).toEqual({
      rows: [],
      deletions: [],
    });
  });

  it.each([0, -1, 5001, 1.5, NaN])('refuses a page size of %p', async (pageSize) => {
    await expect(client().readPage({ table: CONTACT, columns: [], pageSize })).rejects.toThrow(String(pageSize));
  });

  it('tells a web page from data', async () => {
    signIn();
    org()
      .get(/contacts/)
      .reply(200, '<html>Sign in</html>');
    expect(await errorOf(client().readPage({ table: CONTACT, columns: [], pageSize: 1 }))).toMatchObject({
      code: 'NOT_DATAVERSE',
    });
  });

  it.each(['PATCH', 'POST', 'DELETE'] as const)('never takes a web page for a successful %s', async (method) => {
    signIn();
    org()
      .intercept(/contacts/, method)
      .reply(200, '<html>Sign in</html>');
    const write = client().call({ method, path: `contacts(${id(1)})`, body: '{}', purpose: 'update a row' });
    expect(await errorOf(write)).toMatchObject({ name: 'ConfigurationError', code: 'NOT_DATAVERSE' });
  });
});

describe('sign-in', () => {
  it.each([
    [401, 'AADSTS7000215: Invalid client secret provided.', 'CLIENT_SECRET_WRONG'],
    [401, 'AADSTS7000222: The provided client secret keys are expired.', 'CLIENT_SECRET_EXPIRED'],
    [400, "AADSTS700016: Application with identifier 'x' was not found", 'CLIENT_UNKNOWN'],
    [400, "AADSTS90002: Tenant 'x' not found.", 'TENANT_UNKNOWN'],
    [400, 'AADSTS500011: The resource principal was not found', 'ORGANIZATION_UNKNOWN'],
    [400, 'AADSTS1: something else', 'SIGN_IN_REFUSED'],
  ])('explains %p %s', async (status, description, code) => {
    nock('https://login.microsoftonline.com')
      .post(/token/)
      .reply(status, { error: 'invalid_client', error_description: description });
    const error = await errorOf(client().whoAmI());
    expect(error).toMatchObject({ name: 'ConfigurationError', code });
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain('s3cret!');
  });

  it('waits for a sign-in service that is away for a moment', async () => {
    nock('https://login.microsoftonline.com').post(/token/).reply(503);
    signIn();
    org().get(`${API}/WhoAmI`).reply(200, { UserId: 'u', OrganizationId: 'o' });
    expect(await client().whoAmI()).toEqual({ userId: 'u', organizationId: 'o' });
  });

  it('says when the login URL leads elsewhere', async () => {
    nock('https://login.microsoftonline.com').post(/token/).reply(404, '<html></html>');
    expect(await errorOf(client().whoAmI())).toMatchObject({ code: 'LOGIN_URL_WRONG' });
  });

  it('uses another login host where one is set', async () => {
    nock('https://login.microsoftonline.us')
      .post('/tenant/oauth2/v2.0/token')
      .reply(200, { access_token: 'the-token', expires_in: 3600 });
    org().get(`${API}/WhoAmI`).reply(200, { UserId: 'u', OrganizationId: 'o' });
    await client({ loginUrl: 'https://login.microsoftonline.us/' }).whoAmI();
    expect(nock.isDone()).toBe(true);
  });

  it('fails after the renewed token is refused too', async () => {
    signIn();
    signIn();
    const responses = org().get(`${API}/WhoAmI`).times(2).reply(401);
    expect(await errorOf(client().whoAmI())).toMatchObject({ code: 'SIGN_IN_REFUSED' });
    expect(responses.isDone()).toBe(true);
  });
});

describe('describeTable', () => {
  const label = (text: string) => ({ UserLocalizedLabel: { Label: text } });
  const definition = {
    LogicalName: 'contact',
    EntitySetName: 'contacts',
    PrimaryIdAttribute: 'contactid',
    PrimaryNameAttribute: 'fullname',
    ChangeTrackingEnabled: true,
    DisplayName: label('Contact'),
  };
  const attributes = [
    { LogicalName: 'gendercode', AttributeType: 'Picklist', IsValidForRead: true, DisplayName: label('Gender') },
    {
      LogicalName: 'firstname',
      AttributeType: 'String',
      IsValidForRead: true,
      IsValidForUpdate: true,
      DisplayName: label('First Name'),
    },
  ];

  it.each([
    ['a bare object', definition],
    ['a list', { value: [definition] }],
  ])('reads a table given as %s, and asks for details of the types that occur', async (_name, body) => {
    signIn();
    const path = `${API}/EntityDefinitions(LogicalName='contact')`;
    org().get(path).query(true).reply(200, body);
    org().get(`${path}/Attributes`).query(true).reply(200, { value: attributes });
    org()
      .get(`${path}/Attributes/Microsoft.Dynamics.CRM.StringAttributeMetadata`)
      .query(true)
      .reply(200, { value: [{ LogicalName: 'firstname', MaxLength: 50 }] });
    // An organization that does not know a cast still has the columns.
    org().get(`${path}/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata`).query(true).reply(404);
    const described = await client().describeTable('contact');
    expect(described.table).toMatchObject({ name: 'contact', changeTracking: true });
    expect(described.columns).toEqual([
      { name: 'firstname', label: 'First Name', type: 'string', maxLength: 50, updatable: true },
      { name: 'gendercode', label: 'Gender', type: 'choice', updatable: false },
    ]);
  });

  it.each([
    ["contact'x", "contact''x"],
    ['a/b?c', 'a%2Fb%3Fc'],
  ])('can not be led astray by the name %s', async (name, encoded) => {
    signIn();
    org()
      .get((uri) => uri.startsWith(`${API}/EntityDefinitions(LogicalName='${encoded}')`))
      .times(2)
      .reply(404);
    expect(await errorOf(client().describeTable(name))).toMatchObject({ code: 'TABLE_UNKNOWN' });
  });
});

describe('getByIds', () => {
  it('reads in requests of 50 and tells rows from missing ids, in order and each once', async () => {
    signIn();
    const urls: string[] = [];
    org()
      .persist()
      .get(/contacts/)
      .reply((uri) => {
        urls.push(uri);
        const asked = decodeURIComponent(uri).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
        return [
          200,
          {
            value: asked
              .filter((each) => !each.endsWith('7'))
              .reverse()
              .map((contactid) => ({ contactid })),
          },
        ];
      });
    const ids = Array.from({ length: 70 }, (_, n) => id(n));
    const { rows, missing } = await client().getByIds(CONTACT, ['firstname'], [...ids, id(1).toUpperCase()]);
    expect(urls).toHaveLength(2);
    expect(Math.max(...urls.map((url) => url.length))).toBeLessThan(4000);
    expect(rows.map((row) => row['contactid'])).toEqual(ids.filter((each) => !each.endsWith('7')));
    expect(missing).toEqual(ids.filter((each) => each.endsWith('7')));
  });

  it('follows pages', async () => {
    signIn();
    const next = `${ORG}${API}/contacts?$skiptoken=2`;
    org()
      .get(/filter/)
      .reply(200, { value: [{ contactid: id(1) }], '@odata.nextLink': next });
    org()
      .get(/skiptoken/)
      .reply(200, { value: [{ contactid: id(2) }] });
    expect((await client().getByIds(CONTACT, [], [id(1), id(2)])).missing).toEqual([]);
  });

  it.each(['', 'x', `${id(1)} or 1 eq 1`])('refuses the id %p before anything is asked', async (wrong) => {
    const error = await errorOf(client().getByIds(CONTACT, [], [id(1), wrong]));
    expect(error).toMatchObject({ code: 'ID_NOT_A_GUID', message: expect.stringContaining('number 2') });
  });
});

describe('counts', () => {
  it.each(['17', '\ufeff17', 'ï»¿17'])('reads the pending changes from %p', async (body) => {
    signIn();
    org().get(`${API}/contacts/$count?$deltatoken=9%2108%2f22`).reply(200, body);
    const link = `${ORG}${API}/contacts?$select=firstname&$deltatoken=9%2108%2f22`;
    expect(await client().countPending(CONTACT, link)).toBe(17);
  });

  it('reads the rows of a table', async () => {
    signIn();
    org()
      .get(`${API}/RetrieveTotalRecordCount(EntityNames=@p1)?@p1=%5B%22contact%22%5D`)
      .reply(200, { EntityRecordCountCollection: { Count: 1, Keys: ['contact'], Values: [1234567] } });
    expect(await client().totalCount(CONTACT)).toBe(1234567);
  });
});

describe('limits', () => {
  it('sends no more requests at once than Dynamics 365 recommends', async () => {
    signIn();
    const state = { now: 0, most: 0 };
    org()
      .persist()
      .get(`${API}/WhoAmI`)
      .reply(async () => {
        state.now += 1;
        state.most = Math.max(state.most, state.now);
        await turn();
        state.now -= 1;
        return [200, { UserId: 'u', OrganizationId: 'o' }, { 'x-ms-dop-hint': '2' }];
      });
    const one = client();
    await one.whoAmI();
    await Promise.all(Array.from({ length: 10 }, () => one.whoAmI()));
    expect(state.most).toBe(2);
  });
});
