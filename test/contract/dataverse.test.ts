import type { DataverseClient } from '../../lib/dataverse/client';
import type { Page } from '../../lib/dataverse/rows';
import { toChange } from '../../lib/dataverse/to-change';
import { CONTACT, table } from '../support/builders';
import { errorOf } from '../support/errors';
import { onSandbox, realDynamics, startSystems, timesStruck, type Systems } from './systems';

let systems: Systems;
let client: DataverseClient;
beforeAll(async () => {
  systems = await startSystems({ contacts: 120, seed: 7 });
  client = systems.dataverse;
});
afterAll(() => systems.close());

const sandboxTest = onSandbox(realDynamics);
const columns = ['firstname', 'lastname', 'gendercode', '_parentcustomerid_value', 'modifiedon'];

/** Reads to the end; as many rows as the organization has, so on a real one choose one with few. */
async function readToEnd(pageSize: number): Promise<{ pages: Page[]; deltaLink: string }> {
  const pages = [await client.readPage({ table: CONTACT, columns, pageSize, trackChanges: true })];
  for (let next = pages[0]?.nextLink; next !== undefined; next = pages.at(-1)?.nextLink) {
    pages.push(await client.readPage({ table: CONTACT, link: next, pageSize, trackChanges: true }));
  }
  const deltaLink = pages.map((page) => page.deltaLink).findLast((link) => link !== undefined);
  if (deltaLink === undefined) throw new Error('No delta link');
  return { pages, deltaLink };
}

const changesSince = (link: string) => client.readPage({ table: CONTACT, link, pageSize: 500, trackChanges: true });

describe('Dataverse', () => {
  it('says who is signed in', async () => {
    expect(await client.whoAmI()).toEqual({ userId: expect.any(String), organizationId: expect.any(String) });
  });

  it('lists tables with their names and whether they track changes', async () => {
    const tables = await client.listTables();
    const found = tables.find(({ name }) => name === 'contact');
    expect(found).toMatchObject({
      setName: 'contacts',
      primaryId: 'contactid',
      primaryName: 'fullname',
      changeTracking: true,
    });
    expect(tables.filter(({ label, setName }) => label === '' || setName === '')).toEqual([]);
  });

  it('describes the columns of a table with types, lengths and options', async () => {
    const { columns: all } = await client.describeTable('contact');
    const byName = new Map(all.map((column) => [column.name, column]));
    expect(byName.get('firstname')).toMatchObject({ type: 'string', maxLength: 50, updatable: true });
    expect(byName.get('gendercode')?.options).toContainEqual({ value: 2, label: 'Female' });
    expect(byName.get('donotemail')).toMatchObject({ type: 'boolean' });
    expect(
      byName
        .get('donotemail')
        ?.options?.map(({ value }) => value)
        .sort(),
    ).toEqual([0, 1]);
    expect(byName.get('birthdate')).toMatchObject({ type: 'date' });
    expect(byName.get('modifiedon')).toMatchObject({ type: 'datetime', updatable: false });
    expect(byName.get('statecode')).toMatchObject({ type: 'state' });
    expect(byName.get('statuscode')).toMatchObject({ type: 'status' });
    expect(byName.get('_parentcustomerid_value')).toMatchObject({ type: 'lookup' });
    expect(byName.has('parentcustomerid')).toBe(false);
    expect(byName.has('parentcustomeridname')).toBe(false);
  });

  it('can read every column that it describes', async () => {
    const { table, columns: all } = await client.describeTable('contact');
    const rows = await client.sampleRows(
      table,
      all.map(({ name }) => name),
      3,
    );
    expect(rows).toHaveLength(3);
  });

  it('says when a table is unknown', async () => {
    expect(await errorOf(client.describeTable('no_such_table'))).toMatchObject({ code: 'TABLE_UNKNOWN' });
  });

  it('names a column that does not exist', async () => {
    const error = await errorOf(client.readPage({ table: CONTACT, columns: ['no_such_column'], pageSize: 10 }));
    expect(error).toMatchObject({ code: 'UNKNOWN_COLUMN', message: expect.stringContaining('no_such_column') });
  });

  it('reads rows by id with labels, and tells which are missing', async () => {
    const ids = (await client.sampleRows(CONTACT, columns, 5)).map((row) => String(row['contactid']));
    const gone = '00000000-0000-4000-8000-00000000dead';
    const { rows, missing } = await client.getByIds(CONTACT, columns, [...ids, gone]);
    expect(rows.map((row) => row['contactid'])).toEqual(ids);
    expect(missing).toEqual([gone]);
  });

  sandboxTest('reads every row once, page by page, and then the changes only', async () => {
    const { pages, deltaLink } = await readToEnd(50);
    const ids = pages.flatMap((page) => page.rows.map((row) => row['contactid']));
    expect(pages.length).toBe(3);
    expect(new Set(ids).size).toBe(120);
    expect(await changesSince(deltaLink)).toMatchObject({ rows: [], deletions: [] });

    const [changed, removed] = ids as [string, string];
    await systems.control('/change', { updates: [{ contactid: changed, lastname: 'Lovelace' }], deletes: [removed] });
    expect(await client.countPending(CONTACT, deltaLink)).toBe(2);
    const page = await changesSince(deltaLink);
    expect(page.rows.map((row) => row['lastname'])).toEqual(['Lovelace']);
    expect(page.deletions).toEqual([removed]);
    const after = await changesSince(page.deltaLink ?? deltaLink);
    expect(after).toMatchObject({ rows: [], deletions: [] });
  });

  sandboxTest('makes changes with labels of choices and lookups', async () => {
    const description = await client.describeTable('contact');
    const { pages } = await readToEnd(500);
    const rows = pages.flatMap((page) => page.rows);
    const withGender = rows.find((row) => row['gendercode'] !== null && row['_parentcustomerid_value'] !== null);
    const change = toChange(withGender ?? {}, description, { initial: true });
    const options = description.columns.find(({ name }) => name === 'gendercode')?.options ?? [];
    expect(change.labels['gendercode']).toBe(options.find(({ value }) => value === change.record['gendercode'])?.label);
    expect(change.labels['_parentcustomerid_value']).toEqual(expect.any(String));
    expect(change.modifiedOn).toMatch(/Z$/);
  });

  sandboxTest('refuses a table without change tracking', async () => {
    const tasks = table('task', { primaryId: 'activityid' });
    const error = await errorOf(
      client.readPage({ table: tasks, columns: ['subject'], pageSize: 10, trackChanges: true }),
    );
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'CHANGE_TRACKING_OFF' });
  });

  sandboxTest('tells an expired token from everything else', async () => {
    const { deltaLink } = await readToEnd(500);
    await systems.control('/change', { updates: 1 });
    await systems.control('/settings', { expireDeltaTokens: true });
    expect(await errorOf(changesSince(deltaLink))).toMatchObject({
      name: 'DeltaTokenExpiredError',
      code: 'DELTA_TOKEN_EXPIRED',
    });
  });

  sandboxTest('renews a token that the server no longer takes', async () => {
    await systems.control('/faults', { target: 'dataverse', kind: 'expired-token' });
    await client.whoAmI();
    expect(await timesStruck(systems.sandbox)).toBe(1);
  });

  sandboxTest.each([
    ['503', { kind: 'status', status: 503 }],
    ['429', { kind: 'rate-limit', retryAfter: 0 }],
    ['a dropped connection', { kind: 'drop' }],
  ])('goes on after %s', async (_name, fault) => {
    await systems.control('/faults', { target: 'dataverse', ...fault });
    await client.whoAmI();
    expect(await timesStruck(systems.sandbox)).toBe(1);
  });

  sandboxTest('stops when its signal aborts', async () => {
    await systems.control('/faults', { target: 'dataverse', kind: 'delay', delayMs: 2_000 });
    const controller = new AbortController();
    const waiting = errorOf(client.whoAmI({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await waiting).toMatchObject({ code: 'ABORTED' });
  });
});
