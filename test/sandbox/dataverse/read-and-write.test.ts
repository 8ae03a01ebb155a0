import { openSandbox, readPages, signInToEntra, type TestSandbox } from '../support';

describe('Dataverse', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openSandbox({ contacts: 30, accounts: 3 });
  });
  beforeEach(() => sandbox.reset());
  afterAll(() => sandbox.close());

  const get = (path: string, headers?: Record<string, string>) => sandbox.dataverse('GET', path, undefined, headers);
  const firstId = async (): Promise<string> => (await get('contacts?$select=contactid&$top=1')).body.value[0].contactid;

  describe('sign-in', () => {
    it('refuses a request without a good token, and says where to get one', async () => {
      const response = await get('contacts', { authorization: 'Bearer nonsense' });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer authorization_uri=http/);
    });
    it('refuses a token whose time is over', async () => {
      const authorization = `Bearer ${await signInToEntra(sandbox.handle)}`;
      sandbox.advance(3_600_000);
      expect((await get('WhoAmI', { authorization })).status).toBe(401);
    });
    it('refuses a caller who is no member of the organization', async () => {
      await sandbox.control('POST', '/settings', { dataverse: { applicationUser: false } });
      expect(await get('WhoAmI')).toMatchObject({ status: 403, body: { error: { code: '0x80072560' } } });
    });
  });

  describe('reads', () => {
    it.each(['parentcustomerid', 'parentcustomeridname', 'Lastname', 'nope'])('refuse the column %s', async (name) => {
      expect(await get(`contacts?$select=${name}`)).toMatchObject({
        status: 400,
        body: {
          error: {
            code: '0x80060888',
            message: `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.contact'.`,
          },
        },
      });
    });
    it('give annotations only when asked for', async () => {
      const path = 'contacts?$select=gendercode,_parentcustomerid_value,new_interests,creditlimit&$top=30';
      const plain = await get(path);
      expect(plain.text).not.toContain('FormattedValue');
      const full = await get(path, { prefer: 'odata.include-annotations="*"' });
      expect(full.text).toContain('"gendercode@OData.Community.Display.V1.FormattedValue":"Female"');
      expect(full.text).toContain('"_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"account"');
      expect(full.text).toContain('"new_interests@OData.Community.Display.V1.FormattedValue":"Hiking; Skiing"');
      const some = await get(path, { prefer: 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"' });
      expect(some.text).toContain('"Female"');
      expect(some.text).not.toContain('lookuplogicalname');
    });
    it('page through all rows once, with opaque tokens', async () => {
      const { rows, pages } = await readPages(sandbox, 'contacts?$select=lastname', 'odata.maxpagesize=7');
      expect(pages).toHaveLength(5);
      expect(new Set(rows.map((row) => row['contactid'])).size).toBe(30);
      const edited = (pages[0]?.body['@odata.nextLink'] as string).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
      expect((await get(edited)).status).toBe(400);
    });
    it('carry links with the host of the request', async () => {
      const url = sandbox.handle.dynamics365.url.replace('127.0.0.1', 'localhost');
      const response = await get(`${url}/api/data/v9.2/contacts?$select=lastname`, { prefer: 'odata.maxpagesize=1' });
      expect(response.body['@odata.nextLink']).toMatch(new RegExp(`^${url}/`));
    });
    it.each([
      ['jobtitle eq null', (row: Row) => row.jobtitle === null],
      ['gendercode eq 2 and not (donotemail eq true)', (row: Row) => row.gendercode === 2 && row.donotemail === false],
      ['gendercode eq 1 or gendercode eq null', (row: Row) => row.gendercode !== 2],
      ['gendercode ne 1', (row: Row) => row.gendercode !== 1],
      [
        'birthdate ge 1990-01-01 and birthdate lt 2000-01-01',
        (row: Row) => (row.birthdate ?? '') >= '1990' && (row.birthdate ?? '') < '2000',
      ],
      ["contains(lastname,'A')", (row: Row) => (row.lastname ?? '').toLowerCase().includes('a')],
      ["startswith(emailaddress1,'person.1')", (row: Row) => row.emailaddress1?.startsWith('person.1') === true],
      ['modifiedon gt 2025-06-01T00:00:00Z', (row: Row) => row.modifiedon > '2025-06-01T00:00:00Z'],
    ])('filter by %s', async (filter, expected) => {
      const select = '$select=jobtitle,lastname,gendercode,donotemail,birthdate,emailaddress1,modifiedon';
      const all = (await get(`contacts?${select}`)).body.value as Row[];
      const filtered = (await get(`contacts?${select}&$filter=${encodeURIComponent(filter)}`)).body.value as Row[];
      expect(filtered.map((row) => row.contactid)).toEqual(all.filter(expected).map((row) => row.contactid));
      expect(filtered.length).toBeGreaterThan(0);
    });
    it('find rows by a list of ids, in either form', async () => {
      const ids = (await get('contacts?$select=contactid&$top=3')).body.value.map(
        (row: Row) => row.contactid,
      ) as string[];
      const or = ids.map((id) => `contactid eq ${id}`).join(' or ');
      const list = `Microsoft.Dynamics.CRM.In(PropertyName='contactid',PropertyValues=[${ids.map((id) => `'${id}'`).join(',')}])`;
      for (const filter of [or, list]) {
        const found = await get(`contacts?$select=contactid&$filter=${encodeURIComponent(filter)}`);
        expect(found.body.value.map((row: Row) => row.contactid)).toEqual(ids);
      }
    });
    it.each([
      "gendercode eq 'x'",
      'lastname eq 5',
      'nope eq 1',
      'lastname foo 1',
      "(lastname eq 'a'",
      'modifiedon ge yesterday',
    ])('refuse the filter %s', async (filter) => {
      expect((await get(`contacts?$filter=${encodeURIComponent(filter)}`)).status).toBe(400);
    });
    it('refuse what the sandbox does not know', async () => {
      expect((await get('contacts?$expand=parentcustomerid_account')).status).toBe(400);
      expect((await get('nopes')).status).toBe(404);
    });
    it('answer one row by id or by alternate key, and 404 for an absent one', async () => {
      const id = await firstId();
      const row = await get(`contacts(${id})?$select=new_contactnumber`);
      expect(row.body).toMatchObject({ contactid: id, '@odata.etag': row.headers.get('etag') });
      const byKey = await get(`contacts(new_contactnumber='${row.body.new_contactnumber}')?$select=lastname`);
      expect(byKey.body.contactid).toBe(id);
      const absent = '00000000-0000-4000-8000-000000000000';
      expect(await get(`contacts(${absent})`)).toMatchObject({ status: 404, body: { error: { code: '0x80040217' } } });
      expect((await get("contacts(emailaddress1='a@b.example')")).body.error.code).toBe('0x80060888');
    });
    it('refuse a table that the caller may not read', async () => {
      await sandbox.control('POST', '/settings', { dataverse: { deniedTables: ['account'] } });
      expect(await get('accounts')).toMatchObject({ status: 403, body: { error: { code: '0x80040220' } } });
      expect((await get('contacts?$top=1')).status).toBe(200);
    });
    it('refuse a URL that is too long', async () => {
      expect((await get(`contacts?$filter=${'x'.repeat(33_000)}`)).status).toBe(414);
    });
  });

  describe('metadata', () => {
    it('lists tables with the properties asked for', async () => {
      const { body } = await get(
        'EntityDefinitions?$select=LogicalName,EntitySetName,ChangeTrackingEnabled,DisplayName',
      );
      const task = body.value.find((each: { LogicalName: string }) => each.LogicalName === 'task');
      expect(task).toMatchObject({ EntitySetName: 'tasks', ChangeTrackingEnabled: false });
      expect(task.DisplayName.UserLocalizedLabel.Label).toBe('Task');
      expect((await get('EntityDefinitions?$select=Nope')).status).toBe(400);
      expect((await get("EntityDefinitions(LogicalName='nope')")).status).toBe(404);
    });
    it('gives derived properties through the derived type alone', async () => {
      const base = "EntityDefinitions(LogicalName='contact')/Attributes";
      expect((await get(`${base}?$select=LogicalName,MaxLength`)).status).toBe(400);
      const texts = await get(`${base}/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=LogicalName,MaxLength`);
      expect(texts.body.value).toContainEqual(expect.objectContaining({ LogicalName: 'lastname', MaxLength: 50 }));
    });
    it('keeps a global choice under GlobalOptionSet and a multi-select among the virtual ones', async () => {
      const base = "EntityDefinitions(LogicalName='contact')/Attributes";
      const picklists = await get(
        `${base}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet,GlobalOptionSet`,
      );
      const named = (name: string) =>
        picklists.body.value.find((each: { LogicalName: string }) => each.LogicalName === name);
      expect(named('new_segment')).toMatchObject({ OptionSet: null, GlobalOptionSet: { Name: 'new_segment' } });
      expect(named('gendercode').OptionSet.Options.map((option: { Value: number }) => option.Value)).toEqual([1, 2, 3]);
      const all = await get(`${base}?$select=LogicalName,AttributeType,AttributeTypeName`);
      expect(all.body.value).toContainEqual(
        expect.objectContaining({
          LogicalName: 'new_interests',
          AttributeType: 'Virtual',
          AttributeTypeName: { Value: 'MultiSelectPicklistType' },
        }),
      );
    });
    it('names the navigation property for binding a lookup', async () => {
      const { body } = await get(
        "EntityDefinitions(LogicalName='new_membership')/ManyToOneRelationships?$select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName",
      );
      expect(body.value).toContainEqual(
        expect.objectContaining({
          ReferencingAttribute: 'new_contactid',
          ReferencingEntityNavigationPropertyName: 'new_ContactId',
        }),
      );
    });
    it('follows a renamed, a retyped and a removed column', async () => {
      const schema = [
        { system: 'dataverse', table: 'contact', column: 'jobtitle', action: 'rename', to: 'new_job' },
        { system: 'dataverse', table: 'contact', column: 'new_points', action: 'retype', to: 'string', length: 20 },
        { system: 'dataverse', table: 'contact', column: 'fax', action: 'remove' },
      ];
      const before = (await get('contacts?$select=jobtitle,new_points')).body.value as Record<string, unknown>[];
      expect((await sandbox.control('POST', '/settings', { schema })).status).toBe(200);
      const after = (await get('contacts?$select=new_job,new_points')).body.value as Record<string, unknown>[];
      expect(after.map((row) => row['new_job'])).toEqual(before.map((row) => row['jobtitle']));
      expect(after.map((row) => row['new_points'])).toEqual(
        before.map((row) => (row['new_points'] === null ? null : String(row['new_points']))),
      );
      expect((await get('contacts?$select=fax')).status).toBe(400);
    });
  });

  describe('writes', () => {
    it('create with 204 and OData-EntityId, or with the row when asked for', async () => {
      const bare = await sandbox.dataverse('POST', 'contacts', { lastname: 'New' });
      expect(bare.status).toBe(204);
      expect((await get(bare.headers.get('odata-entityid') as string)).body.lastname).toBe('New');
      const full = await sandbox.dataverse(
        'POST',
        'contacts',
        { lastname: 'New' },
        { prefer: 'return=representation' },
      );
      expect(full).toMatchObject({ status: 201, body: { lastname: 'New', statecode: 0, followemail: true } });
    });
    it('upsert with PATCH unless a header says otherwise', async () => {
      const id = '11111111-1111-4111-8111-111111111111';
      const patch = (headers: Record<string, string>) =>
        sandbox.dataverse('PATCH', `contacts(${id})`, { lastname: 'X' }, headers);
      expect((await patch({ 'if-match': '*' })).status).toBe(404);
      expect((await patch({ prefer: 'return=representation' })).status).toBe(201);
      expect((await patch({ prefer: 'return=representation' })).status).toBe(200);
      expect(await patch({ 'if-none-match': '*' })).toMatchObject({ status: 412 });
      expect(await patch({ 'if-match': 'W/"1"' })).toMatchObject({
        status: 412,
        body: { error: { code: '0x80060882' } },
      });
      const { headers } = await get(`contacts(${id})`);
      expect((await patch({ 'if-match': headers.get('etag') as string })).status).toBe(204);
    });
    it.each([
      [{ nope: 1 }, 400, '0x80048d19'],
      [{ lastname: 'x'.repeat(51) }, 400, '0x80044331'],
      [{ gendercode: 9 }, 400, '0x8004431a'],
      [{ new_interests: '1,99' }, 400, '0x8004431a'],
      [{ numberofchildren: -1 }, 400, '0x80044330'],
      [{ numberofchildren: '1' }, 400, '0x80048d19'],
      [{ donotemail: 1 }, 400, '0x80048d19'],
      [{ birthdate: '2020-01-01T00:00:00Z' }, 400, '0x80048d19'],
      [{ statecode: 0, statuscode: 2 }, 400, '0x80048408'],
      [{ 'nope@odata.bind': '/accounts(11111111-1111-4111-8111-111111111111)' }, 400, '0x80048d19'],
      [{ 'parentcustomerid_account@odata.bind': '/accounts(11111111-1111-4111-8111-111111111111)' }, 404, '0x80040217'],
    ])('refuse %j', async (body, status, code) => {
      expect(await sandbox.dataverse('PATCH', `contacts(${await firstId()})`, body)).toMatchObject({
        status,
        body: { error: { code } },
      });
    });
    it('refuse a second row with the same alternate key', async () => {
      const response = await sandbox.dataverse('POST', 'contacts', { lastname: 'Twin', new_contactnumber: 'C-42-0' });
      expect(response).toMatchObject({ status: 412, body: { error: { code: '0x80060892' } } });
    });
    it('delete once', async () => {
      const id = await firstId();
      expect((await sandbox.dataverse('DELETE', `contacts(${id})`)).status).toBe(204);
      expect((await sandbox.dataverse('DELETE', `contacts(${id})`)).status).toBe(404);
    });
    it('take all rows of CreateMultiple or none', async () => {
      const target = (lastname: string) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.contact', lastname });
      const post = (targets: unknown[]) =>
        sandbox.dataverse('POST', 'contacts/Microsoft.Dynamics.CRM.CreateMultiple', { Targets: targets });
      expect((await post([target('A'), target('x'.repeat(51))])).status).toBe(400);
      const count = async () => (await get('contacts?$count=true&$top=1')).body['@odata.count'];
      expect(await count()).toBe(30);
      expect((await post([target('A'), target('B')])).body.Ids).toHaveLength(2);
      expect(await count()).toBe(32);
    });
  });

  describe('$batch', () => {
    const batch = (parts: string[], headers: Record<string, string> = {}) =>
      sandbox.dataverse('POST', '$batch', `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`, {
        'content-type': 'multipart/mixed; boundary="b"',
        ...headers,
      });
    const part = (line: string, body = '', id = '') =>
      `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${id ? `Content-ID: ${id}\r\n` : ''}\r\n${line} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${body}`;
    const changeSet = (parts: string[]) =>
      `Content-Type: multipart/mixed; boundary=c\r\n\r\n${parts.map((each) => `--c\r\n${each}\r\n`).join('')}--c--\r\n`;

    it('stops at the first error, unless it is to go on', async () => {
      const parts = [
        part('POST contacts', '{"lastname":"One"}'),
        part('POST contacts', '{"nope":1}'),
        part('POST contacts', '{"lastname":"Three"}'),
      ];
      const stopped = await batch(parts);
      expect(stopped.status).toBe(400);
      expect(stopped.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
      expect((await sandbox.control('GET', '/stats')).body.rows.dataverse.contact).toBe(31);
      const all = await batch(parts, { prefer: 'odata.continue-on-error' });
      expect(all.status).toBe(200);
      expect(all.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 400', 'HTTP/1.1 204']);
    });
    it('undoes a change set that fails as a whole, in the change log too', async () => {
      const { deltaLinks } = await readPages(sandbox, 'contacts?$select=lastname', 'odata.track-changes');
      const id = await firstId();
      const response = await batch([
        changeSet([
          part(`PATCH contacts(${id})`, '{"lastname":"Changed"}', '1'),
          part('POST contacts', '{"lastname":"New"}', '2'),
          part('DELETE contacts(00000000-0000-4000-8000-000000000000)', '', '3'),
        ]),
      ]);
      expect(response.status).toBe(400);
      expect((await get(deltaLinks[0] as string)).body.value).toEqual([]);
      expect((await get('contacts?$count=true&$top=1')).body['@odata.count']).toBe(30);
    });
    it('lets a change set refer to what it made', async () => {
      const response = await batch([
        changeSet([
          part('POST contacts', '{"lastname":"Parent"}', '1'),
          part('POST new_memberships', '{"new_name":"Child","new_ContactId@odata.bind":"$1"}', '2'),
        ]),
      ]);
      expect(response.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 204']);
    });
    it('takes at most 1,000 requests, counted before the first is done', async () => {
      const parts = Array.from({ length: 1_001 }, () => part('POST contacts', '{"lastname":"Many"}'));
      expect((await batch(parts)).status).toBe(400);
      expect((await get('contacts?$count=true&$top=1')).body['@odata.count']).toBe(30);
    });
  });

  it('keeps to the service protection limits when they are on', async () => {
    await sandbox.control('POST', '/settings', {
      dataverse: { protection: { requests: 2, windowMs: 10_000 }, dopHint: 4 },
    });
    expect((await get('WhoAmI')).headers.get('x-ms-dop-hint')).toBe('4');
    await get('WhoAmI');
    const refused = await get('WhoAmI');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: '0x80072322' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    sandbox.advance(11_000);
    expect((await get('WhoAmI')).status).toBe(200);
  });
});

interface Row {
  contactid: string;
  jobtitle: string | null;
  lastname: string | null;
  gendercode: number | null;
  donotemail: boolean;
  birthdate: string | null;
  emailaddress1: string | null;
  modifiedon: string;
}
