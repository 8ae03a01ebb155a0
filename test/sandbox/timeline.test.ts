import { openSandbox, type TestSandbox } from './support';

const ADA = '0b5b4ef0-4b1b-4f3f-9d49-3d3a0d9cf001';
const BOB = '0b5b4ef0-4b1b-4f3f-9d49-3d3a0d9cf002';

describe("a contact's timeline as text", () => {
  let sandbox: TestSandbox;
  beforeAll(async () => (sandbox = await openSandbox()));
  afterAll(() => sandbox.close());
  beforeEach(async () => {
    sandbox.reset();
    const creates = [
      { contactid: ADA, firstname: 'Ada', lastname: 'Love\u001b[2Jlace' },
      { contactid: BOB, firstname: null, lastname: null },
    ];
    await sandbox.control('POST', '/change', { creates });
  });

  const add = async (table: string, contact: string, row: Record<string, unknown>) =>
    await sandbox.dataverse('POST', `${table}s`, {
      subject: 'Campaign Name: C; Delivery Name: D',
      [`regardingobjectid_contact_${table}@odata.bind`]: `/contacts(${contact})`,
      ...row,
    });
  const timeline = async (query = '') => await sandbox.control('GET', `/timeline${query}`);

  it('says who, when, what and with which subject, the oldest first, with the clicked URL', async () => {
    const url = 'https://shop.example/?id=1';
    await add('xyz_acxclk', ADA, { xyz_when: '2026-03-01T10:05:00Z', xyz_url: url });
    await add('xyz_acxsnd', ADA, { xyz_when: '2026-03-01T10:00:00Z' });
    await add('xyz_acxsnd', BOB, { xyz_when: '2026-03-01T10:00:00Z' });
    const { status, headers, text } = await timeline(`?contact=${ADA.toUpperCase()}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.split('\n')).toEqual([
      `Timeline of Ada Love [2Jlace (${ADA}), 2 activities, times in UTC`,
      '',
      '2026-03-01 10:00:00  Send       Campaign Name: C; Delivery Name: D',
      '2026-03-01 10:05:00  URL Click  Campaign Name: C; Delivery Name: D',
      `                                ${url}`,
      '',
    ]);
  });

  it('says so when nothing has happened yet, and refuses a contact that is not there', async () => {
    expect((await timeline(`?contact=${BOB}`)).text).toMatch(/^Timeline of a contact without a name .*\n\nNothing has/);
    expect(await timeline('?contact=nobody')).toMatchObject({
      status: 400,
      body: { error: "There is no contact 'nobody'." },
    });
  });

  it('lists the contacts with the most activities where none is named', async () => {
    await add('xyz_acxsnd', ADA, {});
    await add('xyz_acxsnd', BOB, {});
    await add('xyz_acxopn', BOB, {});
    const { text } = await timeline();
    expect(text).toMatch(/^2 contacts with activities/);
    expect(text.indexOf(BOB)).toBeLessThan(text.indexOf(ADA));
    expect(text).toContain(`curl -s '${sandbox.handle.controlUrl}/timeline?contact=${BOB}'`);
  });

  it('dumps the one row with a key, or none', async () => {
    const dumped = async (query: string) => (await sandbox.control('GET', `/dump?${query}`)).body as object[];
    expect(await dumped(`table=contact&key=${ADA.toUpperCase()}`)).toMatchObject([{ contactid: ADA }]);
    expect(await dumped('table=contact&key=nobody')).toEqual([]);
    await sandbox.control('POST', '/seed', { table: 'profile', count: 3, profilesFrom: 'contact' });
    expect(await dumped(`system=campaign&table=profile&key=${BOB}`)).toMatchObject([{ externalId: BOB }]);
    expect(await dumped('system=campaign&table=profile&key=nobody')).toEqual([]);
  });
});
