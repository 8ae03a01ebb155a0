import { CampaignClient } from '../../lib/campaign/client';
import { writeBatch, type WriterOptions } from '../../lib/campaign/write-batch';
import type { WritableChange } from '../../lib/campaign/record-writer';
import type { Target, TargetValue } from '../../lib/core/change';
import type { Clock } from '../../lib/core/clock';
import { DeliveryRegistry } from '../../lib/sync/delivery/deliveries';
import type { BatchReport } from '../../lib/sync/delivery/keyed-batch';
import { KeyLocks } from '../../lib/sync/delivery/key-locks';
import { totalsOf } from '../../lib/core/outcome-totals';
import type { FaultInput } from '../../sandbox/http/faults';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { target } from '../support/builders';
import { outcomesOf, remove, upsert as anyUpsert } from '../support/writable-changes';
import { controlOf, timesStruck } from './systems';

/** Waits are cut to a turn of the event loop; the server's clock is not involved. */
const clock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after: () => () => undefined,
  sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
};

let sandbox: SandboxHandle;
let client: CampaignClient;

async function start(product: 'standard' | 'v8') {
  sandbox = await startSandbox({ product });
  client = new CampaignClient({ ...sandbox.adobeCampaign, maxConcurrency: 10 }, { clock });
}

const control = controlOf(() => sandbox);
const fault = (...faults: FaultInput[]) => control('/faults', faults);
const profiles = () => control<Record<string, unknown>[]>('/dump?system=campaign&table=profile');
const stats = () =>
  control<{
    requests: Record<string, number>;
    systems: Record<string, { errors: Record<string, number> }>;
    engineCalls: number;
  }>('/stats');

const locks = new KeyLocks();
function write(changes: readonly WritableChange[], options: Partial<WriterOptions> = {}): Promise<BatchReport> {
  return writeBatch(
    changes,
    {
      client,
      locks,
      deliveries: new DeliveryRegistry(),
      clock,
      describe: ({ resource: name, api }) => client.describeResource({ name, api }),
    },
    {
      instance: client.instance,
      lookup: { by: 'key' },
      concurrency: 10,
      locationIsFixed: sandbox.adobeCampaign.product === 'v8',
      ...options,
    },
  );
}

const upsert = (key: string, fields: Record<string, TargetValue>, parts: Partial<Target> = {}): WritableChange =>
  anyUpsert(key, fields, { target: target(key, fields, parts) });

/** One value of each kind, with what Campaign makes of them itself. */
const ADA: Record<string, TargetValue> = {
  salutation: 'frau dr.',
  firstName: 'Ada',
  lastName: '',
  email: 'Ada@Example.COM',
  birthDate: '1815-12-10',
  gender: 'female',
  blackListEmail: true,
  'location.city': 'London',
  cusScore: 42,
  cusDiscount: 0.1,
  cusRating: 4.75,
  cusLastVisit: '2026-11-21 16:30:00.000Z',
};

describe.each(['standard', 'v8'] as const)('the writer against Campaign (%s)', (product) => {
  beforeEach(async () => await start(product));
  afterEach(async () => {
    client.close();
    await sandbox.close();
  });

  it('creates a record of all kinds of fields, and finds nothing to do the next time', async () => {
    expect(outcomesOf(await write([upsert('ada', ADA)]))).toEqual([{ status: 'created', engineCalls: 1 }]);
    expect(outcomesOf(await write([upsert('ada', ADA)]))).toEqual([{ status: 'unchanged', engineCalls: 0 }]);
    const { requests } = await stats();
    expect(requests['campaign.profile.PATCH']).toBeUndefined();
    expect(requests['campaign.profile.POST']).toBe(1);
  });

  it('takes cleared fields as the same once they are cleared', async () => {
    await write([upsert('ada', ADA)]);
    const cleared: Record<string, TargetValue> = {
      firstName: '',
      birthDate: '',
      blackListEmail: false,
      cusScore: 0,
      cusLastVisit: null,
    };
    expect(outcomesOf(await write([upsert('ada', cleared)]))).toMatchObject([{ status: 'updated' }]);
    expect(outcomesOf(await write([upsert('ada', cleared)]))).toMatchObject([{ status: 'unchanged' }]);
    expect(await profiles()).toMatchObject([{ firstName: '', birthDate: '', cusScore: 0 }]);
  });

  it('counts the engine calls as Campaign does', async () => {
    const keys = Array.from({ length: 30 }, (_, i) => `k${i}`);
    const reports = [
      await write(keys.map((key) => upsert(key, { firstName: 'One' }))),
      await write(keys.map((key, i) => upsert(key, { firstName: i % 3 ? 'One' : 'Two' }))),
      await write([...keys.slice(0, 10).map(remove), remove('never there')]),
    ];
    const counted = reports.reduce((sum, report) => sum + totalsOf(report.outcomes).engineCalls, 0);
    expect(counted).toBe(30 + 10 * 2 + 10);
    expect((await stats()).engineCalls).toBe(counted);
  });

  it('looks records up through a filter too', async () => {
    const lookup = { by: 'filter', filter: 'byExternalId', parameter: 'externalId_parameter' } as const;
    const changes = [upsert('a', { firstName: 'A' }), upsert("b'/ü&?", { firstName: 'B' })];
    expect(outcomesOf(await write(changes, { lookup })).map(({ status }) => status)).toEqual(['created', 'created']);
    expect(outcomesOf(await write(changes, { lookup })).map(({ status }) => status)).toEqual([
      'unchanged',
      'unchanged',
    ]);
    expect(outcomesOf(await write([remove("b'/ü&?")], { lookup }))).toMatchObject([{ status: 'deleted' }]);
  });

  it('writes custom resources, linked to the profile and not', async () => {
    const membership = { resource: 'cusMembership', key: { field: 'cusMembershipId', value: 'm1' } };
    const store = { resource: 'cusStore', api: 'customResources', key: { field: 'cusStoreId', value: 's1' } } as const;
    const changes = (name: string) => [
      upsert('', { cusContactId: 'ada', cusName: name }, membership),
      upsert('', { cusName: name }, store),
    ];
    expect(outcomesOf(await write(changes('One'))).map(({ status }) => status)).toEqual(['created', 'created']);
    expect(outcomesOf(await write(changes('Two'))).map(({ status }) => status)).toEqual(['updated', 'updated']);
  });

  it('rejects bad records with a code, and writes the others', async () => {
    const lines = { firstName: 1, gender: 2, email: 3, cusLoyaltyNumber: 4 };
    const changes = [
      upsert('good', { firstName: 'Ada', cusLoyaltyNumber: 'L1' }, { lines }),
      upsert('long', { firstName: 'A'.repeat(31) }, { lines }),
      upsert('enumeration', { gender: 'other' }, { lines }),
      upsert('email', { email: 'no address' }, { lines }),
      upsert('duplicate', { cusLoyaltyNumber: 'L1' }, { lines }),
      upsert('also good', { firstName: 'Bob' }, { lines }),
    ];
    const outcomes = outcomesOf(await write(changes, { concurrency: 1 }));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'created',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'created',
    ]);
    for (const { code, message } of outcomes.filter(({ status }) => status === 'rejected')) {
      expect(code).toMatch(/^[A-Z_]+$/);
      expect(message).not.toMatch(/AAAA|no address|L1/);
    }
    expect((await profiles()).map(({ externalId }) => externalId).sort()).toEqual(['also good', 'good']);
  });

  it('neither loses nor doubles a record when connections drop before and after the effect', async () => {
    const changes = Array.from({ length: 120 }, (_, i) => upsert(`k${i}`, { firstName: `Name ${i}` }));
    await fault(
      { target: 'campaign', match: { method: 'POST' }, kind: 'drop-after', rate: 0.2, seed: 1 },
      { target: 'campaign', match: { method: 'POST' }, kind: 'drop', rate: 0.1, seed: 2 },
      { target: 'campaign', match: { method: 'GET' }, kind: 'status', status: 503, rate: 0.1, seed: 3 },
      { target: 'campaign', kind: 'rate-limit', retryAfter: 0, rate: 0.05, seed: 4 },
    );
    let report = await write(changes);
    // What the trigger does with a batch whose run failed.
    for (let attempt = 1; report.kind === 'stopped' && attempt < 10; attempt++) report = await write(changes);
    expect(outcomesOf(report).filter(({ status }) => status !== 'created' && status !== 'unchanged')).toEqual([]);
    expect(report.outcomes).toHaveLength(changes.length);
    const names = (await profiles()).map(({ externalId, firstName }) => `${String(externalId)}=${String(firstName)}`);
    expect(names.sort()).toEqual(changes.map((_, i) => `k${i}=Name ${i}`).sort());
    const { systems } = await stats();
    for (const struck of ['dropped', '503', '429']) expect(systems['campaign']?.errors[struck]).toBeGreaterThan(2);
  });

  it.each<[string, Record<string, string | null>]>([
    ['an enumeration that is emptied', { gender: null, cusSegment: '' }],
    ['letters whose other case has another length', { salutation: 'ß İKİ dŽ', email: 'İREM@EXAMPLE.ORG' }],
  ])('patches %s once, and not each time', async (_what, fields) => {
    await write([upsert('a', { gender: 'female', cusSegment: 'gold', salutation: 'x' })]);
    expect(outcomesOf(await write([upsert('a', fields)]))).toMatchObject([{ status: 'updated' }]);
    expect(outcomesOf(await write([upsert('a', fields)]))).toMatchObject([{ status: 'unchanged', engineCalls: 0 }]);
  });

  it('writes each record once through deadlocks of the database', async () => {
    await write([upsert('k0', { firstName: 'Old' })]);
    await fault(
      { target: 'campaign', match: { method: 'POST' }, kind: 'database-busy', rate: 0.3, seed: 1 },
      { target: 'campaign', match: { method: 'PATCH' }, kind: 'database-busy', times: 2 },
      { target: 'campaign', match: { method: 'GET' }, kind: 'database-busy', rate: 0.2, seed: 2 },
    );
    const changes = Array.from({ length: 30 }, (_, i) => upsert(`k${i}`, { firstName: `Name ${i}` }));
    const outcomes = outcomesOf(await write(changes));
    expect(totalsOf(outcomes)).toMatchObject({ created: 29, updated: 1, rejected: 0 });
    const names = (await profiles()).map(({ externalId, firstName }) => `${String(externalId)}=${String(firstName)}`);
    expect(names.sort()).toEqual(changes.map((_, i) => `k${i}=Name ${i}`).sort());
  });

  it.each(['echo', 'proxy'] as const)(
    'tells nothing of what was sent when Campaign answers with an %s',
    async (kind) => {
      await fault({ target: 'campaign', match: { method: 'POST' }, kind, rate: 1 });
      const report = await write([upsert('a', { firstName: 'Lovelace', lastName: 'already exists' })]);
      const told = JSON.stringify([report, report.kind === 'stopped' ? String(report.failure) : '']);
      expect(told).not.toMatch(/Lovelace|Bearer|proxy\.corp|DUPLICATE_KEY/);
      expect(told).not.toContain(sandbox.adobeCampaign.clientSecret);
      expect(told).not.toContain(sandbox.adobeCampaign.clientId);
    },
  );

  it('stops the batch, and rejects nothing, when Campaign is down', async () => {
    await write([upsert('warm up', { firstName: 'x' })]);
    await fault({ target: 'campaign', kind: 'refuse-all' });
    const report = await write([upsert('a', { firstName: 'A' }), remove('warm up')]);
    expect(report.kind).toBe('stopped');
    expect(report.outcomes).toEqual([undefined, undefined]);
  });

  it('goes on after a token has expired in the middle', async () => {
    await fault({ target: 'campaign', kind: 'expired-token', skip: 10, times: 1 });
    const changes = Array.from({ length: 30 }, (_, i) => upsert(`k${i}`, { firstName: 'x' }));
    expect(totalsOf(outcomesOf(await write(changes))).created).toBe(30);
    expect(await timesStruck(sandbox)).toBe(1);
  });

  it('applies the changes of a key in their order, across executions too', async () => {
    const batches = Array.from({ length: 4 }, (_, b) =>
      Array.from({ length: 40 }, (_, i) => upsert(`k${i % 8}`, { firstName: `Batch ${b} item ${i}` })),
    );
    await Promise.all(batches.map((batch) => write(batch)));
    const written = new Map((await profiles()).map((profile) => [profile['externalId'], profile['firstName']]));
    expect(written.size).toBe(8);
    for (let k = 0; k < 8; k++) expect(written.get(`k${k}`)).toMatch(new RegExp(`^Batch \\d item ${32 + k}$`));
    expect(locks.size).toBe(0);
  });

  it('changes a location where Campaign lets it, and says where not', async () => {
    await write([upsert('ada', { 'location.city': 'London', firstName: 'Ada' })]);
    const [outcome] = outcomesOf(await write([upsert('ada', { 'location.city': 'Ulm', blackListEmail: true })]));
    if (product === 'standard') expect(outcome).toEqual({ status: 'updated', engineCalls: 2 });
    else expect(outcome).toMatchObject({ status: 'rejected', code: 'LOCATION_NOT_UPDATABLE', field: 'location.city' });
    // The opt-out is written in both cases.
    expect(await profiles()).toMatchObject([{ blackListEmail: true }]);
  });
});
