import { openSandbox, readPages, signInToEntra, type TestSandbox } from '../support';

const SELECT = 'contacts?$select=lastname';
const TRACK = 'odata.track-changes,odata.maxpagesize=4';
const DAY = 86_400_000;

describe('change tracking', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openSandbox({ contacts: 10 });
  });
  beforeEach(() => sandbox.reset());
  afterAll(() => sandbox.close());

  const settings = (dataverse: object) => sandbox.control('POST', '/settings', { dataverse });
  const change = (order: object) => sandbox.control('POST', '/change', order);
  const full = async () => {
    const { deltaLinks } = await readPages(sandbox, SELECT, TRACK);
    return deltaLinks[0] as string;
  };

  it('gives every row once and the deltaLink on the last page', async () => {
    const { rows, pages, deltaLinks } = await readPages(sandbox, SELECT, TRACK);
    expect(new Set(rows.map((row) => row['contactid'])).size).toBe(10);
    expect(pages.map((page) => '@odata.deltaLink' in page.body)).toEqual([false, false, true]);
    expect(pages[0]?.headers.get('preference-applied')).toBe('odata.track-changes');
    expect(deltaLinks[0]).toMatch(
      /\/contacts\?\$select=lastname&\$deltatoken=\d+%21\d\d%2f\d\d%2f\d{4}%20\d\d%3a\d\d%3a\d\d$/,
    );
  });

  it('gives no deltaLink where a page is asked for without the preference', async () => {
    const first = await sandbox.dataverse('GET', SELECT, undefined, { prefer: TRACK });
    const rest = await readPages(sandbox, first.body['@odata.nextLink'] as string, 'odata.maxpagesize=50');
    expect(rest.rows).toHaveLength(6);
    expect(rest.deltaLinks).toEqual([]);
  });

  it.each(['$filter=statecode eq 0', '$orderby=lastname', '$expand=parentcustomerid_account', '$top=3'])(
    'refuses %s with change tracking',
    async (option) => {
      const response = await sandbox.dataverse('GET', `${SELECT}&${option}`, undefined, { prefer: TRACK });
      expect(response.status).toBe(400);
      expect(response.body.error.message).toBe(
        `The "\${${option.slice(1, option.indexOf('='))}}" query parameter isn't supported when Change Tracking is enabled.`,
      );
    },
  );

  it('gives changed rows first, then deletions with id and reason alone', async () => {
    const link = await full();
    const { body: done } = await change({ creates: 1, updates: 2, deletes: 1 });
    const delta = await sandbox.dataverse('GET', link);
    expect(delta.body['@odata.context']).toMatch(/#contacts\(lastname\)\/\$delta$/);
    const [created, ...others] = delta.body.value;
    expect(created.contactid).toBe(done.created[0]);
    expect(others.slice(0, 2).map((row: { contactid: string }) => row.contactid)).toEqual(done.updated);
    expect(others[2]).toEqual({
      '@odata.context': expect.stringMatching(/#contacts\/\$deletedEntity$/),
      id: done.deleted[0],
      reason: 'deleted',
    });
  });

  it('gives a row that changed often once, as it is now', async () => {
    const link = await full();
    const { body } = await change({ updates: 1, columns: ['lastname'] });
    await change({ updates: [{ contactid: body.updated[0], lastname: 'Last Word' }] });
    const delta = await sandbox.dataverse('GET', link);
    expect(delta.body.value).toEqual([expect.objectContaining({ contactid: body.updated[0], lastname: 'Last Word' })]);
  });

  it('reports a row that was made and deleted between two questions as a deletion', async () => {
    const link = await full();
    const { body } = await change({ creates: 1 });
    await change({ deletes: body.created });
    expect((await sandbox.dataverse('GET', link)).body.value).toEqual([
      expect.objectContaining({ id: body.created[0] }),
    ]);
  });

  it('reports a row that was deleted and made again under its id as a row', async () => {
    const link = await full();
    const { body } = await change({ deletes: 1 });
    await sandbox.dataverse('PATCH', `contacts(${body.deleted[0]})`, { lastname: 'Back' });
    expect((await sandbox.dataverse('GET', link)).body.value).toEqual([
      expect.objectContaining({ contactid: body.deleted[0], lastname: 'Back' }),
    ]);
  });

  it('pages a delta, deletions included, and loses nothing of it', async () => {
    const link = await full();
    const { body } = await change({ creates: 3, updates: 4, deletes: 3 });
    const { rows, pages, deltaLinks } = await readPages(sandbox, link, 'odata.maxpagesize=3');
    expect(pages).toHaveLength(4);
    expect(deltaLinks).toHaveLength(1);
    const ids = rows.map((row) => row['contactid'] ?? row['id']);
    expect(ids.sort()).toEqual([...body.created, ...body.updated, ...body.deleted].sort());
  });

  it('counts pending changes, after a byte order mark', async () => {
    const link = await full();
    await change({ creates: 2, deletes: 1 });
    const response = await fetch(link.replace('/contacts?', '/contacts/$count?'), {
      headers: { authorization: `Bearer ${await signInToEntra(sandbox.handle)}` },
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from('\ufeff3'));
  });

  describe('when nothing changed', () => {
    it.each([
      ['empty-value', { value: [], link: true }],
      ['no-link', { value: [], link: false }],
      ['empty-object', { value: undefined, link: false }],
    ])('answers with %s', async (nothingChanged, expected) => {
      const link = await full();
      await settings({ nothingChanged });
      const { status, body } = await sandbox.dataverse('GET', link);
      expect(status).toBe(200);
      expect({ value: body.value, link: '@odata.deltaLink' in body }).toEqual(expected);
    });
  });

  describe('the race in a full load', () => {
    const changeDuringLoad = async (deltaTokenCut: string): Promise<unknown[]> => {
      await settings({ deltaTokenCut });
      const first = await sandbox.dataverse('GET', SELECT, undefined, { prefer: TRACK });
      const contactid = first.body.value[0].contactid as string;
      await change({ updates: [{ contactid, lastname: 'During The Load' }] });
      const { deltaLinks } = await readPages(sandbox, first.body['@odata.nextLink'] as string, TRACK);
      return (await sandbox.dataverse('GET', deltaLinks[0] as string)).body.value;
    };
    it('loses nothing where the token is cut at the start', async () => {
      expect(await changeDuringLoad('start')).toEqual([expect.objectContaining({ lastname: 'During The Load' })]);
    });
    it('loses a change of a page already read where the token is cut at the end', async () => {
      expect(await changeDuringLoad('end')).toEqual([]);
    });
  });

  it.each([
    ['first', [true, false, false]],
    ['every', [true, true, true]],
  ])('puts the deltaLink on the %s page when told so', async (deltaLinkOn, expected) => {
    await settings({ deltaLinkOn });
    const { pages } = await readPages(sandbox, SELECT, TRACK);
    expect(pages.map((page) => '@odata.deltaLink' in page.body)).toEqual(expected);
  });

  it('repeats rows across pages when told so', async () => {
    await settings({ repeatRowsAcrossPages: true });
    const { rows } = await readPages(sandbox, SELECT, TRACK);
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map((row) => row['contactid'])).size).toBe(10);
  });

  describe('an expired token', () => {
    const expired = { error: { code: '0x80044352', message: expect.stringContaining('Please perform a full sync') } };
    it.each([400, 410])('is refused with %i, never a silent full load', async (expiredTokenStatus) => {
      const link = await full();
      await settings({ expiredTokenStatus });
      await sandbox.control('POST', '/settings', { expireDeltaTokens: true });
      expect(await sandbox.dataverse('GET', link)).toMatchObject({ status: expiredTokenStatus, body: expired });
    });
    it('is one of more than seven days', async () => {
      const link = await full();
      await sandbox.control('POST', '/settings', { entra: { tokenLifetimeSeconds: 30 * 86_400 } });
      const authorization = `Bearer ${await signInToEntra(sandbox.handle)}`;
      sandbox.advance(7 * DAY - 1_000);
      expect((await sandbox.dataverse('GET', link, undefined, { authorization })).status).toBe(200);
      sandbox.advance(2_000);
      expect(await sandbox.dataverse('GET', link, undefined, { authorization })).toMatchObject({ body: expired });
    });
    it('is one from before a change of the metadata, when told so', async () => {
      const link = await full();
      sandbox.advance(2_000);
      const schema = [{ system: 'dataverse', table: 'contact', column: 'fax', action: 'remove' }];
      await sandbox.control('POST', '/settings', { dataverse: { metadataChangeExpiresTokens: true }, schema });
      expect(await sandbox.dataverse('GET', link)).toMatchObject({ body: expired });
    });
    it.each(['', '1', '12!1/1/2020', '900000%252101%2f01%2f2026%2010%3a00%3a00'])(
      'is not the same as no token: %s',
      async (bad) => {
        const response = await sandbox.dataverse('GET', `${SELECT}&$deltatoken=${bad}`);
        expect(response).toMatchObject({ status: 400, body: { error: { code: '0x80040203' } } });
      },
    );
  });

  it('refuses a table without change tracking', async () => {
    const response = await sandbox.dataverse('GET', 'tasks?$select=subject', undefined, { prefer: TRACK });
    expect(response).toMatchObject({ status: 400, body: { error: { code: '0x80072491' } } });
    await settings({ untracked: 'no-link' });
    const other = await readPages(sandbox, 'tasks?$select=subject', TRACK);
    expect(other.deltaLinks).toEqual([]);
    expect(other.rows).toHaveLength(10);
  });

  it('tells of children whose parent was deleted', async () => {
    const { body: parent } = await change({ creates: 1 });
    await sandbox.dataverse('POST', 'new_memberships', {
      new_name: 'M',
      'new_ContactId@odata.bind': `/contacts(${parent.created[0]})`,
    });
    const { deltaLinks } = await readPages(sandbox, 'new_memberships?$select=_new_contactid_value', TRACK);
    await change({ deletes: parent.created });
    expect((await sandbox.dataverse('GET', deltaLinks[0] as string)).body.value).toEqual([
      expect.objectContaining({ _new_contactid_value: null }),
    ]);
  });
});
