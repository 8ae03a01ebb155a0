import type { IDataObject } from 'n8n-workflow';
import { dataverseSource } from '../../lib/dataverse/change-source';
import { DataverseClient } from '../../lib/dataverse/client';
import { selectColumns, securedColumnWarnings } from '../../lib/dataverse/select-columns';
import { toChange } from '../../lib/dataverse/to-change';
import { get } from '../../nodes/Dynamics365/operations/get.operation';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { thrown } from '../support/errors';
import { plainExecution } from '../support/plain-execution';
import { controlOf } from './systems';

let sandbox: SandboxHandle;
let client: DataverseClient;
beforeAll(async () => {
  sandbox = await startSandbox({ contacts: 17 });
});
beforeEach(() => {
  client = new DataverseClient(sandbox.dynamics365);
});
afterEach(async () => {
  client.close();
  await sandbox.reset();
});
afterAll(() => sandbox.close());

type Row = Record<string, unknown>;
const control = controlOf(() => sandbox);
const dump = () => control<Row[]>('/dump?system=dataverse&table=contact');
const set = (column: string, properties: object) =>
  control('/settings', { schema: [{ system: 'dataverse', table: 'contact', column, action: 'set', ...properties }] });
const change = (values: Row, contactid: unknown) =>
  control('/change', { system: 'dataverse', table: 'contact', updates: [{ contactid, ...values }] });
const { signal } = new AbortController();

/** A contact as the trigger gives it, with these columns. */
async function readOne(columns: readonly string[], values: Row = {}) {
  const [first] = await dump();
  const id = String(first?.['contactid']);
  if (Object.keys(values).length > 0) await change(values, id);
  const description = selectColumns(await client.describeTable('contact'), columns, 'node');
  const feed = dataverseSource(client, description, { labels: true, besides: [] });
  const { upserts } = await feed.firstPage('rows', { pageSize: 100, initial: true, signal });
  const one = upserts.find((each) => each.id === id);
  return { id, record: one?.record, labels: one?.labels, description, upserts };
}

describe('What Dataverse means', () => {
  it('by a TimeZoneIndependent date-time: the time of a clock, without a zone', async () => {
    await set('new_lastvisit', { behavior: 'TimeZoneIndependent' });
    const { record, description } = await readOne(['new_lastvisit'], { new_lastvisit: '2026-11-21T16:30:00Z' });
    expect(description.columns).toMatchObject([{ type: 'datetime', behavior: 'clockTime' }]);
    expect(record).toEqual({ new_lastvisit: '2026-11-21T16:30:00' });
  });

  it('by a UserLocal date-time with the format DateOnly: a day, as the moment of its midnight', async () => {
    await set('new_lastvisit', { behavior: 'UserLocalDay' });
    const { record, description } = await readOne(['new_lastvisit'], { new_lastvisit: '2026-11-20T23:00:00Z' });
    expect(description.columns).toMatchObject([{ type: 'datetime', behavior: 'localDay' }]);
    expect(record).toEqual({ new_lastvisit: '2026-11-20T23:00:00Z' });
  });

  it('by a number with more than 15 digits: these digits', async () => {
    const values = { creditlimit: '922337203685477.5807', new_visits: '9223372036854775807' };
    expect((await readOne(['creditlimit', 'new_visits'], values)).record).toEqual(values);
  });

  it('by a secured column that may not be read: nothing, and it is named', async () => {
    await set('jobtitle', { secured: 'unreadable' });
    await set('salutation', { secured: 'readable' });
    const { record, description } = await readOne(['jobtitle', 'salutation'], { jobtitle: 'x', salutation: null });
    expect(record).toEqual({ salutation: null });
    expect(description.columns.map(({ name, secured }) => [name, secured])).toEqual(
      expect.arrayContaining([
        ['jobtitle', 'unreadable'],
        ['salutation', undefined],
      ]),
    );
    expect(securedColumnWarnings(description)).toEqual([expect.stringContaining('"jobtitle"')]);
  });

  it('where the user may not ask for its rights: a value that is there, and no null', async () => {
    await set('jobtitle', { secured: 'readable' });
    await set('salutation', { secured: 'readable' });
    await control('/settings', { dataverse: { deniedTables: ['fieldpermission'] } });
    const { record } = await readOne(['jobtitle', 'salutation'], { jobtitle: 'x', salutation: null });
    expect(record).toEqual({ jobtitle: 'x' });
  });

  it('by a column that the Web API does not serve: it is not offered, and named where it was chosen', async () => {
    await set('jobtitle', { notServed: true });
    const description = await client.describeTable('contact');
    expect(description.columns.map(({ name }) => name)).not.toContain('jobtitle');
    const names = description.columns.map(({ name }) => name);
    expect(await client.sampleRows(description.table, names, 1)).toHaveLength(1);
    const refused = thrown(() => selectColumns(description, ['lastname', 'jobtitle'], 'Dynamics 365 Trigger'));
    expect(refused).toMatchObject({ code: 'COLUMN_NOT_SERVED', message: expect.stringContaining('"jobtitle"') });
  });

  it('by a lookup to several tables: the row, and of which table it is', async () => {
    const contacts = await dump();
    const owner = contacts.find((row) => row['_parentcustomerid_value'] !== null);
    const { upserts } = await readOne(['_parentcustomerid_value']);
    const one = upserts.find(({ id }) => id === owner?.['contactid']);
    expect(one?.labels['_parentcustomerid_value@table']).toBe('account');
    const { rows } = await client.getByIds(
      { name: 'contact', setName: 'contacts', primaryId: 'contactid' },
      ['_parentcustomerid_value'],
      [String(owner?.['contactid'])],
    );
    const description = selectColumns(await client.describeTable('contact'), ['_parentcustomerid_value'], 'node');
    expect(toChange(rows[0] as Row, description, { initial: false }).labels).toEqual(one?.labels);
  });

  it("by a label that the user's language lacks: that of the organization", async () => {
    await set('jobtitle', { labels: { 1031: 'Position', 1033: 'Job' } });
    await set('salutation', { labels: { 1036: 'Titre' } });
    const { columns } = await client.describeTable('contact');
    const labels = new Map(columns.map(({ name, label }) => [name, label]));
    expect([labels.get('jobtitle'), labels.get('salutation')]).toEqual(['Job', 'Titre']);
  });
});

describe('A row that is not among those that were asked for', () => {
  it('is deleted where it is gone, and rejected where it may not be read', async () => {
    const [first, second, third] = (await dump()).map(({ contactid }) => String(contactid)) as [string, string, string];
    await control('/change', { system: 'dataverse', table: 'contact', deletes: [first] });
    await control('/settings', { dataverse: { unreadableRows: [second] } });
    const description = selectColumns(await client.describeTable('contact'), ['lastname'], 'node');
    const feed = dataverseSource(client, description, { labels: true, besides: [] });
    const { upserts, missing } = await feed.rowsById([first, second, third], signal);
    expect(missing).toEqual([first]);
    expect(upserts.map(({ id, outcome }) => [id, outcome?.code])).toEqual([
      [third, undefined],
      [second, 'ROW_NOT_READABLE'],
    ]);
    const items = [first, second, third].map((id) => ({ id }));
    const parameters = { table: 'contact', id: (item: number) => items[item]?.id, columns: ['lastname'] };
    const [given] = await get(plainExecution(items, parameters).context, client);
    expect(given?.map(({ json }) => [json['change'], (json['outcome'] as IDataObject | undefined)?.['code']])).toEqual([
      ['delete', undefined],
      ['upsert', 'ROW_NOT_READABLE'],
      ['upsert', undefined],
    ]);
  });
});

describe('Pages that are too large', () => {
  it('are read with fewer rows, also where rows are read by their ids', async () => {
    const description = selectColumns(await client.describeTable('contact'), ['lastname'], 'node');
    client.close();
    client = new DataverseClient(sandbox.dynamics365, { maxResponseBytes: 1024 * 1024 });
    await control('/settings', { dataverse: { rowPadding: 70 * 1024 } });
    const feed = dataverseSource(client, description, { labels: false, besides: [] });
    const options = { pageSize: 5000, initial: true, signal };
    let page = await feed.firstPage('rows', { ...options, pageSize: 17 });
    const ids = page.upserts.map(({ id }) => id);
    while (page.nextLink !== undefined) {
      page = await feed.pageAt(page.nextLink, 'rows', options);
      ids.push(...page.upserts.map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(17);
    expect(ids).toHaveLength(17);
    const { rows, missing } = await client.getByIds(description.table, ['lastname'], ids, { labels: false });
    expect([rows.length, missing.length]).toEqual([17, 0]);
  });
});

it('An organization URL without https:// names the same organization everywhere', () => {
  const bare = new DataverseClient({ ...sandbox.dynamics365, url: 'contoso.crm4.dynamics.com/main.aspx' });
  expect(bare.credential.url).toBe('https://contoso.crm4.dynamics.com');
  bare.close();
});
