import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { DataverseClient } from '../../lib/dataverse/client';
import { activityId } from '../../lib/dataverse/timeline/activity-id';
import { EVENT_KINDS, type MarketingEvent } from '../../lib/sync/marketing-events/marketing-event';
import { addTimelineActivity } from '../../nodes/Dynamics365/operations/add-timeline-activity.operation';
import { prepareTimelineTables } from '../../nodes/Dynamics365/operations/prepare-timeline-tables.operation';
import { writeItems } from '../../nodes/Dynamics365/operations/write-rows';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { CONTACT } from '../support/builders';
import { plainExecution } from '../support/plain-execution';
import { controlOf, timesStruck } from './systems';

let sandbox: SandboxHandle;
let client: DataverseClient;

beforeEach(async () => {
  sandbox = await startSandbox({ contacts: 120 });
  client = new DataverseClient(sandbox.dynamics365);
});
afterEach(async () => {
  client.close();
  await sandbox.close();
});

type Row = Record<string, unknown>;
const control = controlOf(() => sandbox);
const dump = (table: string) => control<Row[]>(`/dump?system=dataverse&table=${table}`);
const requests = async () => (await control<{ requests: Record<string, number> }>('/stats')).requests;
const context = (items: readonly object[], parameters: Record<string, unknown>) =>
  plainExecution(items, parameters).context;
const OUTPUTS = ['written', 'skipped', 'waiting', 'rejected'];
/** Outcome of each item, in the order of the items; fails when one came out twice or not at all. */
function outcomes(outputs: INodeExecutionData[][]): string[] {
  const all: string[] = [];
  outputs.forEach((output, at) =>
    output.forEach(({ json, pairedItem }) => {
      const { item } = pairedItem as { item: number };
      const { status, code } = json['outcome'] as IDataObject;
      expect(all[item]).toBeUndefined();
      all[item] = `${OUTPUTS[at]}: ${String(status)}${code === undefined ? '' : ` ${String(code)}`}`;
    }),
  );
  return all;
}

const write = async (
  mode: 'update' | 'upsert',
  items: readonly object[],
  parameters: Record<string, unknown> = {},
): Promise<string[]> =>
  outcomes(await writeItems(context(items, { table: 'contact', valuesFrom: 'item', ...parameters }), client, mode));

describe.each([
  ['each on its own', {}],
  ['in batches', { method: 'batch', batchSize: 7 }],
])('Update and Upsert against Dataverse, %s', (_name, options) => {
  const sent = { options };

  it('write what differs, and nothing the second time', async () => {
    const contacts = await dump('contact');
    const items = contacts.map(({ contactid }) => ({
      id: contactid,
      columns: { donotemail: true, jobtitle: 'Rear Admiral' },
    }));
    const first = await write('update', items, sent);
    expect(new Set(first)).toEqual(new Set(['written: updated']));
    for (const row of await dump('contact')) expect(row).toMatchObject({ donotemail: true, jobtitle: 'Rear Admiral' });
    const again = await write('update', items, sent);
    expect(new Set(again)).toEqual(new Set(['skipped: unchanged']));
  });

  it('create what is missing with Upsert only', async () => {
    const id = '00000000-0000-4000-8000-00000000dead';
    const item = { id, columns: { lastname: 'New' } };
    expect(await write('update', [item], sent)).toEqual(['rejected: rejected ROW_NOT_FOUND']);
    expect(await write('upsert', [item, item], sent)).toEqual(['written: created', 'skipped: unchanged']);
    expect((await dump('contact')).filter(({ contactid }) => contactid === id)).toHaveLength(1);
  });

  it('never write a row that changed since its values were decided', async () => {
    const [contact] = await dump('contact');
    const id = String(contact?.['contactid']);
    const { rows } = await client.getByIds(CONTACT, ['donotphone'], [id]);
    const ifMatch = rows[0]?.['@odata.etag'];
    const change = (donotphone: boolean) => write('update', [{ id, columns: { donotphone }, ifMatch }], sent);
    await control('/change', { system: 'dataverse', table: 'contact', updates: [{ contactid: id, jobtitle: 'x' }] });
    const value = contact?.['donotphone'] === true;
    expect(await change(!value)).toEqual(['waiting: waiting CHANGED_MEANWHILE']);
    expect(await change(value)).toEqual(['skipped: unchanged']);
    expect((await dump('contact')).find(({ contactid }) => contactid === id)).toMatchObject({ donotphone: value });
  });

  it('reject one bad row and write all others', async () => {
    const contacts = (await dump('contact')).slice(0, 20);
    const items = contacts.map(({ contactid }, at) => ({
      id: contactid,
      columns:
        at === 7
          ? { lastname: 'x'.repeat(5000) }
          : at === 9
            ? { parentcustomerid: 'account(00000000-0000-4000-8000-00000000dead)' }
            : { lastname: 'Hopper' },
    }));
    const result = await write('update', items, sent);
    expect(result[7]).toBe('rejected: rejected TOO_LONG');
    expect(result[9]).toBe('rejected: rejected ROW_NOT_FOUND');
    expect(result.filter((each) => each === 'written: updated' || each === 'skipped: unchanged')).toHaveLength(18);
  });
});

it('Update sets lookups by the relationship that the metadata names, and empties them', async () => {
  const [account] = await dump('account');
  const [contact] = await dump('contact');
  const id = contact?.['contactid'];
  const set = (value: unknown) => write('update', [{ id, columns: { parentcustomerid: value } }]);
  await set(null);
  expect(await set(`account(${String(account?.['accountid'])})`)).toEqual(['written: updated']);
  expect(await set({ table: 'account', id: account?.['accountid'] })).toEqual(['skipped: unchanged']);
  expect(await set(null)).toEqual(['written: updated']);
  await expect(write('update', [{ id, columns: { nickname2: 1 } }])).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
});

it('Upsert finds a row by an alternate key', async () => {
  const parameters = {
    table: 'account',
    valuesFrom: 'list',
    findBy: 'alternateKey',
    'alternateKey.column': [{ column: 'accountnumber|string', value: "K'1" }],
    'columnValues.column': [{ column: 'name|string', value: 'Acme' }],
  };
  expect(await write('upsert', [{}, {}], parameters)).toEqual(['written: created', 'skipped: unchanged']);
  expect((await dump('account')).filter(({ accountnumber }) => accountnumber === "K'1")).toMatchObject([
    { name: 'Acme' },
  ]);
});

describe('Add Timeline Activity against Dataverse', () => {
  const eventOf = (contactId: unknown, at: number, over: Partial<MarketingEvent> = {}): { event: MarketingEvent } => ({
    event: {
      kind: EVENT_KINDS[at % 4] as MarketingEvent['kind'],
      logId: String(at),
      contactId: String(contactId),
      campaignName: '2019LoyaltyCamp',
      deliveryName: 'DM190',
      time: '2026-11-21T09:00:00.000Z',
      clickedUrl: 'https://shop.example/',
      ...over,
    },
  });
  const add = async (items: readonly object[], options: object = {}) =>
    outcomes(await addTimelineActivity(context(items, { options }), client));
  const tables = ['xyz_acxsnd', 'xyz_acxopn', 'xyz_acxclk', 'xyz_acxbnc'];
  const activities = async () => (await Promise.all(tables.map(dump))).flat();

  it.each(['auto', 'single', 'batch'])('puts each event on its timeline exactly once (%s)', async (method) => {
    const contacts = await dump('contact');
    const events = contacts.flatMap(({ contactid }, at) => [0, 1].map((n) => eventOf(contactid, 2 * at + n)));
    const options = { method };
    expect(new Set(await add(events.slice(0, 150), options))).toEqual(new Set(['written: created']));
    const overlap = await add(events.slice(100), options);
    expect(events.length).toBeGreaterThan(150);
    expect(overlap.slice(0, 50)).toEqual(Array(50).fill('skipped: unchanged ALREADY_THERE'));
    expect(overlap.slice(50)).toEqual(Array(events.length - 150).fill('written: created'));
    const made = await activities();
    expect(made.map(({ activityid }) => activityid).sort()).toEqual(
      events.map(({ event }) => activityId(event)).sort(),
    );
    expect(made[0]).toMatchObject({
      subject: 'Campaign Name: 2019LoyaltyCamp; Delivery Name: DM190',
      xyz_cname: '2019LoyaltyCamp',
    });
  });

  it.each(['auto', 'single', 'batch'])(
    'adds events whose log ids are used again years later, once (%s)',
    async (method) => {
      const contacts = await dump('contact');
      const years = ['2021-03-01T09:00:00.000Z', '2024-03-01T09:00:00.000Z', '2026-03-01T09:00:00.000Z'];
      const eventsOf = (round: number) =>
        contacts.slice(0, 40).map((_contact, at) =>
          // In the second round the ids are those of other persons.
          eventOf(contacts[(at + (round === 1 ? 1 : 0)) % 40]?.['contactid'], at, { time: years[round] as string }),
        );
      for (const round of [0, 1, 2])
        expect(new Set(await add(eventsOf(round), { method }))).toEqual(new Set(['written: created']));
      const made = await activities();
      expect(made).toHaveLength(3 * 40);
      for (const round of [2, 0, 1]) {
        expect(new Set(await add(eventsOf(round), { method }))).toEqual(new Set(['skipped: unchanged ALREADY_THERE']));
      }
      expect(await activities()).toEqual(made);
    },
  );

  it('creates a hundred at once where the table takes it, and one by one elsewhere', async () => {
    const [contact] = await dump('contact');
    const events = Array.from({ length: 100 }, (_each, at) => eventOf(contact?.['contactid'], at, { kind: 'send' }));
    await add(events);
    expect((await requests())['dataverse.xyz_acxsnd.CreateMultiple']).toBe(1);
    await control('/settings', { dataverse: { withoutMultiple: ['xyz_acxopn'] } });
    await add(events.map(({ event }) => ({ event: { ...event, kind: 'open' } })));
    expect((await requests())['dataverse.xyz_acxopn.PATCH']).toBe(100);
  });

  it.each(['auto', 'single', 'batch'])(
    'rejects the events of a contact that is gone, and adds all others (%s)',
    async (method) => {
      const contacts = await dump('contact');
      const gone = contacts[5]?.['contactid'];
      await control('/change', { system: 'dataverse', table: 'contact', deletes: [gone] });
      const result = await add(
        contacts.map(({ contactid }, at) => eventOf(contactid, at)),
        { method },
      );
      expect(result[5]).toBe('rejected: rejected CONTACT_GONE');
      expect(result.filter((each) => each === 'written: created')).toHaveLength(contacts.length - 1);
      expect(await activities()).toHaveLength(contacts.length - 1);
    },
  );

  it.each([
    ['in a batch', 'auto', 'CreateMultiple'],
    ['one by one', 'single', 'xyz_acxsnds('],
  ])('makes no second one when a response is lost (%s)', async (_name, method, path) => {
    const [contact] = await dump('contact');
    const events = Array.from({ length: 60 }, (_each, at) => eventOf(contact?.['contactid'], at, { kind: 'send' }));
    await control('/faults', [{ target: 'dataverse', match: { path }, kind: 'drop-after', times: 3 }]);
    const result = await add(events, { method });
    expect(result).toHaveLength(60);
    expect(result.filter((each) => !/created|ALREADY_THERE/.test(each))).toEqual([]);
    expect(await timesStruck(sandbox)).toBeGreaterThan(0);
    expect(await activities()).toHaveLength(60);
  });

  it('says what to do where the tables are not there; Prepare Timeline Tables makes them, and they are used', async () => {
    await control('/settings', { dataverse: { timelineTables: false } });
    const [contact] = await dump('contact');
    const events = EVENT_KINDS.map((kind, at) => eventOf(contact?.['contactid'], at, { kind }));
    await expect(add(events)).rejects.toMatchObject({
      code: 'TIMELINE_TABLE_UNKNOWN',
      hint: expect.stringContaining('Prepare Timeline Tables') as string,
    });

    const prepare = async (dryRun: boolean) =>
      (await prepareTimelineTables(context([{}], { dryRun, prefix: 'new' }), client))[0]?.map(({ json }) => json) ?? [];
    const planned = await prepare(true);
    expect(planned.filter(({ action }) => action === 'createTable')).toHaveLength(4);
    expect(new Set(planned.map(({ made }) => made))).toEqual(new Set([false]));
    expect(await client.listTables()).not.toContainEqual(expect.objectContaining({ name: 'new_campaignemailsend' }));
    const made = await prepare(false);
    expect(made.filter(({ made: done }) => done)).toHaveLength(planned.length);
    expect(new Set((await prepare(false)).map(({ action }) => action))).toEqual(new Set(['present']));

    client.close();
    client = new DataverseClient(sandbox.dynamics365);
    expect(await add(events)).toEqual(Array(4).fill('written: created'));
    expect(await dump('new_campaignemailurlclick')).toMatchObject([{ new_trackingurl: 'https://shop.example/' }]);
  });
});
