import { CANCEL_GRACE_MS } from '../../../lib/sync/delivery/write-fence';
import { MAX_ROUNDS, SETTLE_MS, type WritableChange } from '../../../lib/campaign/record-writer';
import { writeBatch, type WriterDependencies, type WriterOptions } from '../../../lib/campaign/write-batch';
import type { Delivery } from '../../../lib/core/change';
import { DeliveryRegistry } from '../../../lib/sync/delivery/deliveries';
import { ConfigurationError, RejectedRecordError, RetriableError } from '../../../lib/core/errors';
import type { BatchReport } from '../../../lib/sync/delivery/keyed-batch';
import { KeyLocks } from '../../../lib/sync/delivery/key-locks';
import type { Outcome } from '../../../lib/core/outcome';
import { TestClock } from '../../support/test-clock';
import { FakeCampaign, uncertain } from '../../support/fake-campaign';
import { field, target } from '../../support/builders';
import { turn } from '../../support/turn';
import { outcomesOf, remove, upsert } from '../../support/writable-changes';

const START = Date.parse('2026-11-21T12:00:00Z');

/** Everything the writer needs, with a clock of the test. */
class Bench {
  readonly campaign = new FakeCampaign();
  readonly locks = new KeyLocks();
  readonly deliveries = new DeliveryRegistry();
  readonly clock = new TestClock();
  readonly deps: WriterDependencies = {
    client: this.campaign,
    locks: this.locks,
    deliveries: this.deliveries,
    clock: this.clock,
    describe: async ({ resource, api }) => ({
      resource: { name: resource, api, label: resource },
      fields: [field('externalId', 'string'), field('firstName', 'string', { dataPolicy: 'smartCase' })],
    }),
  };

  move(ms: number): void {
    this.clock.advance(ms);
  }

  write(changes: readonly WritableChange[], options: Partial<WriterOptions> = {}): Promise<BatchReport> {
    return writeBatch(changes, this.deps, {
      instance: 'https://campaign/org',
      lookup: { by: 'key' },
      concurrency: 4,
      locationIsFixed: false,
      ...options,
    });
  }
}

function failureOf(report: BatchReport): unknown {
  if (report.kind === 'complete') throw new Error('The batch was expected to stop.');
  return report.failure;
}
const refused = (code: string, field?: string) => () => {
  throw new RejectedRecordError(code, 'Refused.', { field });
};

describe('writeBatch', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('creates, updates, leaves alone, deletes and finds absent, and counts the engine calls of each', async () => {
    bench.campaign.put('b', { firstName: 'Old' }).put('c', { firstName: 'Same' }).put('d');
    const report = await bench.write([
      upsert('a', { firstName: 'New' }),
      upsert('b', { firstName: 'New' }),
      upsert('c', { firstName: 'same' }),
      remove('d'),
      remove('e'),
    ]);
    expect(outcomesOf(report)).toEqual([
      { status: 'created', engineCalls: 1 },
      { status: 'updated', engineCalls: 2 },
      { status: 'unchanged', engineCalls: 0 },
      { status: 'deleted', engineCalls: 1 },
      { status: 'absent', engineCalls: 0 },
    ]);
    expect([...bench.campaign.records.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(bench.campaign.verbs('c')).toEqual(['find']);
  });

  it('gives each of a thousand items its own outcome, in their places', async () => {
    const changes = Array.from({ length: 1000 }, (_, i) =>
      i % 7 === 0
        ? upsert(`k${i}`, {}, { outcome: { status: 'skipped', code: 'FILTERED_OUT', engineCalls: 0 } })
        : i % 5 === 0
          ? remove(`k${i}`)
          : upsert(`k${i}`, { firstName: `N${i}` }),
    );
    const outcomes = outcomesOf(await bench.write(changes, { concurrency: 50 }));
    expect(outcomes.map(({ status }) => status)).toEqual(
      changes.map((_, i) => (i % 7 === 0 ? 'skipped' : i % 5 === 0 ? 'absent' : 'created')),
    );
    expect(bench.campaign.mostInFlight).toBeLessThanOrEqual(50);
    expect(bench.locks.size).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });

  it('leaves an item with an outcome untouched, even one without a target', async () => {
    const outcome: Outcome = { status: 'rejected', code: 'TOO_LONG', engineCalls: 0 };
    const report = await bench.write([{ change: 'upsert', initial: false, outcome }]);
    expect(outcomesOf(report)).toEqual([outcome]);
    expect(bench.campaign.calls).toEqual([]);
  });

  it('says what to do about items that no Field Mapper has seen', async () => {
    const failure = failureOf(await bench.write([upsert('a'), { change: 'upsert', initial: false }]));
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure).toMatchObject({ code: 'TARGET_MISSING' });
    expect(bench.campaign.calls).toEqual([]);
  });

  it('tells how far it is', async () => {
    const progress: [number, number][] = [];
    await bench.write([upsert('a'), upsert('b', {}, { outcome: { status: 'skipped', engineCalls: 0 } }), upsert('c')], {
      concurrency: 1,
      onProgress: (done, all) => progress.push([done, all]),
    });
    expect(progress).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('does not look up a key that names no record', async () => {
    const outcomes = outcomesOf(await bench.write([upsert(''), remove(' '), upsert('..')]));
    expect(outcomes.map(({ code }) => code)).toEqual(['KEY_NOT_USABLE', 'KEY_NOT_USABLE', 'KEY_NOT_USABLE']);
    expect(bench.campaign.calls).toEqual([]);
  });

  it('says of an update-only change that its record is not in Campaign', async () => {
    const change = { change: 'upsert', initial: false, target: target('a', {}, { updateOnly: true }) } as const;
    expect(outcomesOf(await bench.write([change]))).toMatchObject([{ status: 'skipped', code: 'NOT_IN_CAMPAIGN' }]);
    expect(bench.campaign.records.size).toBe(0);
  });

  describe('order', () => {
    it('never has two changes of one key in flight, and applies them in their order', async () => {
      const changes = Array.from({ length: 60 }, (_, i) =>
        i % 10 === 8 ? remove(`k${i % 3}`) : upsert(`k${i % 3}`, { firstName: `Name ${i}` }),
      );
      await bench.write(changes, { concurrency: 20 });
      expect(bench.campaign.mostInFlightOfOneKey).toBe(1);
      expect(bench.campaign.mostInFlight).toBe(3);
      expect(bench.campaign.records.get('k0')).toMatchObject({ firstName: 'Name 57' });
      expect(bench.campaign.records.get('k1')).toBeUndefined();
      expect(bench.campaign.records.get('k2')).toMatchObject({ firstName: 'Name 59' });
    });

    it('holds between executions of one process too', async () => {
      const batches = Array.from({ length: 5 }, (_, i) => bench.write([upsert('a', { firstName: `From ${i}` })]));
      const reports = await Promise.all(batches);
      expect(bench.campaign.mostInFlightOfOneKey).toBe(1);
      expect(reports.map((report) => outcomesOf(report)[0]?.status)).toEqual([
        'created',
        'updated',
        'updated',
        'updated',
        'updated',
      ]);
      expect(bench.campaign.records.get('a')).toMatchObject({ firstName: 'From 4' });
    });

    it('does not mix up the same key of two resources or instances', async () => {
      bench.campaign.on('find', 'before', () => turn(), { times: 9 });
      await Promise.all([
        bench.write([upsert('a')]),
        bench.write([upsert('a')], { instance: 'https://campaign/other' }),
        bench.write([{ change: 'upsert', initial: false, target: target('a', {}, { resource: 'cusProduct' }) }]),
      ]);
      expect(bench.campaign.mostInFlightOfOneKey).toBe(3);
    });

    it('goes on with a key after one of its changes was rejected', async () => {
      bench.campaign.on('create', 'before', refused('TOO_LONG'), { key: 'a' });
      const outcomes = outcomesOf(
        await bench.write([upsert('a', { firstName: 'One' }), upsert('a', { firstName: 'Two' })]),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'created']);
    });
  });

  describe('a create whose response is lost', () => {
    it('is not repeated when it had arrived', async () => {
      bench.campaign.on('create', 'after', () => {
        throw uncertain();
      });
      const outcomes = outcomesOf(await bench.write([upsert('a', { firstName: 'Ada' })]));
      expect(outcomes).toEqual([{ status: 'created', engineCalls: 1 }]);
      expect(bench.campaign.verbs()).toEqual(['find', 'create', 'find']);
      expect(bench.clock.slept).toEqual([SETTLE_MS]);
    });

    it('is done again when it had not', async () => {
      bench.campaign.on('create', 'before', () => {
        throw uncertain();
      });
      const outcomes = outcomesOf(await bench.write([upsert('a', { firstName: 'Ada' })]));
      expect(outcomes).toEqual([{ status: 'created', engineCalls: 1 }]);
      expect(bench.campaign.verbs()).toEqual(['find', 'create', 'find', 'create']);
    });

    it('ends as one record when the lost create arrives after the second look-up', async () => {
      bench.campaign.on('create', 'before', () => {
        throw uncertain();
      });
      bench.campaign.on('create', 'before', () => void bench.campaign.put('a', { firstName: 'Ada' }));
      const outcomes = outcomesOf(await bench.write([upsert('a', { firstName: 'Ada' })]));
      expect(outcomes).toEqual([{ status: 'created', engineCalls: 1 }]);
      expect(bench.campaign.verbs()).toEqual(['find', 'create', 'find', 'create', 'find']);
    });

    it('fails the batch, and rejects nothing, when it stays unknown', async () => {
      bench.campaign.on(
        'create',
        'before',
        () => {
          throw uncertain();
        },
        { times: 99 },
      );
      const report = await bench.write([upsert('a')]);
      expect(failureOf(report)).toMatchObject({ code: 'WRITE_UNCERTAIN' });
      expect(report.outcomes).toEqual([undefined]);
      expect(bench.campaign.verbs('a').filter((verb) => verb === 'create')).toHaveLength(MAX_ROUNDS);
    });
  });

  describe('a deadlock of the database', () => {
    const busy = () => new RetriableError('DATABASE_BUSY', 'The database was busy.', { hint: 'Wait.' });

    it('that a create met is looked up and the create done again', async () => {
      bench.campaign.on('create', 'before', () => {
        throw busy();
      });
      const outcomes = outcomesOf(await bench.write([upsert('a', { firstName: 'Ada' })]));
      expect(outcomes).toEqual([{ status: 'created', engineCalls: 1 }]);
      expect(bench.campaign.verbs()).toEqual(['find', 'create', 'find', 'create']);
    });

    it.each(['find', 'create', 'update'] as const)(
      'that one record meets at every %s rejects this one, and the others go on',
      async (verb) => {
        bench.campaign.put('b', { firstName: 'Old' }).put('c', { firstName: 'Old' });
        const key = verb === 'update' ? 'b' : 'a';
        const fault = () => {
          throw busy();
        };
        bench.campaign.on(verb, 'before', fault, { key, times: 99 });
        const outcomes = outcomesOf(
          await bench.write(['a', 'b', 'c'].map((each) => upsert(each, { firstName: 'New' }))),
        );
        expect(outcomes.filter((outcome) => outcome?.status === 'rejected')).toEqual([
          expect.objectContaining({ code: 'DATABASE_BUSY', message: 'The database was busy. Wait.' }),
        ]);
        expect(bench.campaign.records.get('c')).toMatchObject({ firstName: 'New' });
      },
    );

    it('that a mere list meets too fails the batch, and rejects nothing', async () => {
      const fault = () => {
        throw busy();
      };
      bench.campaign.on('find', 'before', fault, { times: 99 }).on('probe', 'before', fault, { times: 99 });
      const report = await bench.write([upsert('a')]);
      expect(failureOf(report)).toMatchObject({ code: 'DATABASE_BUSY' });
      expect(report.outcomes).toEqual([undefined]);
    });
  });

  describe('another writer in between', () => {
    it('turns a create into an update when the other one created the record', async () => {
      bench.campaign.on('create', 'before', () => void bench.campaign.put('a', { firstName: 'Theirs' }));
      const outcomes = outcomesOf(await bench.write([upsert('a', { firstName: 'Ours' })]));
      expect(outcomes).toEqual([{ status: 'updated', engineCalls: 2 }]);
      expect(bench.campaign.records.get('a')).toMatchObject({ firstName: 'Ours' });
    });

    it('has nothing left to do when the other one wrote the same', async () => {
      bench.campaign.on('create', 'before', () => void bench.campaign.put('a', { firstName: 'Ours' }));
      expect(outcomesOf(await bench.write([upsert('a', { firstName: 'Ours' })]))).toEqual([
        { status: 'unchanged', engineCalls: 0 },
      ]);
    });

    it('does so too where Campaign names no reason for the duplicate (v8)', async () => {
      bench.campaign.on('create', 'before', () => {
        bench.campaign.put('a', { firstName: 'Theirs' });
        throw new RejectedRecordError('REFUSED_BY_CAMPAIGN', 'Internal error.');
      });
      expect(outcomesOf(await bench.write([upsert('a', { firstName: 'Ours' })]))).toMatchObject([
        { status: 'updated' },
      ]);
    });

    it('rejects a duplicate that is not one of the key, without trying again', async () => {
      bench.campaign.on('create', 'before', refused('DUPLICATE_KEY'));
      expect(outcomesOf(await bench.write([upsert('a')]))).toMatchObject([
        { status: 'rejected', code: 'DUPLICATE_KEY' },
      ]);
      expect(bench.campaign.verbs()).toEqual(['find', 'create', 'find']);
    });

    it('creates the record again when the other one deleted it before our update', async () => {
      bench.campaign.put('a', { firstName: 'Old' });
      bench.campaign.on('update', 'before', () => void bench.campaign.records.delete('a'));
      expect(outcomesOf(await bench.write([upsert('a', { firstName: 'New' })]))).toEqual([
        { status: 'created', engineCalls: 1 },
      ]);
    });

    it('gives up on a record that comes and goes for ever', async () => {
      bench.campaign.put('a', { firstName: 'Old' });
      bench.campaign.on('update', 'before', refused('RECORD_GONE'), { times: 99 });
      expect(outcomesOf(await bench.write([upsert('a', { firstName: 'New' })]))).toMatchObject([
        { status: 'rejected', code: 'RECORD_GONE' },
      ]);
      expect(bench.campaign.verbs().filter((verb) => verb === 'update')).toHaveLength(MAX_ROUNDS);
    });

    it('never touches a record with another key that a loose filter gave', async () => {
      bench.campaign.records.set('a', { externalId: 'ab', firstName: 'Theirs' });
      const outcomes = outcomesOf(await bench.write([upsert('a', { firstName: 'Ours' }), remove('a')]));
      expect(outcomes.map(({ code }) => code)).toEqual(['KEY_MISMATCH', 'KEY_MISMATCH']);
      expect(bench.campaign.verbs()).toEqual(['find', 'find']);
    });
  });

  describe('a refused record', () => {
    it('leaves with code, field and mapping line, and the others go on', async () => {
      bench.campaign.on('create', 'before', refused('TOO_LONG', 'firstName'), { key: 'b' });
      const lines = { firstName: 3 };
      const changes = ['a', 'b', 'c'].map((key): WritableChange => ({
        change: 'upsert',
        initial: false,
        target: target(key, { firstName: 'x' }, { lines }),
      }));
      expect(outcomesOf(await bench.write(changes))).toEqual([
        { status: 'created', engineCalls: 1 },
        {
          status: 'rejected',
          code: 'TOO_LONG',
          message: 'Refused.',
          field: 'firstName',
          mappingLine: 3,
          engineCalls: 0,
        },
        { status: 'created', engineCalls: 1 },
      ]);
    });

    it('is rejected without a reason only after a look at the service, one look for many records', async () => {
      bench.campaign.on('create', 'before', refused('REFUSED_BY_CAMPAIGN'), { times: 4 });
      const outcomes = outcomesOf(await bench.write(['a', 'b', 'c', 'd'].map((key) => upsert(key))));
      expect(outcomes.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'REFUSED_BY_CAMPAIGN'));
      expect(bench.campaign.verbs().filter((verb) => verb === 'probe')).toHaveLength(1);
      expect(bench.campaign.verbs().filter((verb) => verb === 'create')).toHaveLength(4);
    });

    it('is not patched again when the patch was refused without a reason', async () => {
      bench.campaign.put('a', { firstName: 'Old' });
      bench.campaign.on('update', 'before', refused('REFUSED_BY_CAMPAIGN'));
      expect(outcomesOf(await bench.write([upsert('a', { firstName: 'New' })]))).toMatchObject([
        { status: 'rejected', code: 'REFUSED_BY_CAMPAIGN' },
      ]);
      expect(bench.campaign.verbs()).toEqual(['find', 'update', 'probe']);
    });

    it.each([
      ['is out of reach', new RetriableError('UNREACHABLE', 'Down.'), 'UNREACHABLE'],
      ['refuses the sign-in', new ConfigurationError('SIGN_IN_REFUSED', 'No.'), 'SIGN_IN_REFUSED'],
      ['fails for a list too', new RejectedRecordError('REFUSED_BY_CAMPAIGN', 'Error.'), 'CAMPAIGN_FAILING'],
    ])('fails the batch instead when the service %s', async (_what, error, code) => {
      for (const verb of ['find', 'create'] as const) {
        const down = new Bench();
        down.campaign.on(verb, 'before', refused('REFUSED_BY_CAMPAIGN'));
        down.campaign.on('probe', 'before', () => {
          throw error;
        });
        const report = await down.write([upsert('a')]);
        expect(failureOf(report)).toMatchObject({ code });
        expect(report.outcomes).toEqual([undefined]);
      }
    });
  });

  describe('a fault of the whole system', () => {
    it.each([
      ['configuration', new ConfigurationError('SIGN_IN_REFUSED', 'No.')],
      ['an outage', new RetriableError('UNREACHABLE', 'Down.')],
      ['a defect', new TypeError('x is undefined')],
    ])('(%s) starts no further record, lets writes under way end, and keeps their outcomes', async (_what, error) => {
      bench.campaign.on(
        'find',
        'before',
        () => {
          throw error;
        },
        { key: 'c' },
      );
      bench.campaign.on('create', 'before', async () => {
        await turn();
        await turn();
      });
      const report = await bench.write(
        ['a', 'b', 'c', 'd', 'e'].map((key) => upsert(key)),
        { concurrency: 2 },
      );
      expect(failureOf(report)).toBe(error);
      expect(report.outcomes.slice(2)).toEqual([undefined, undefined, undefined]);
      expect(report.outcomes.filter(Boolean)).toHaveLength(bench.campaign.records.size);
      expect(bench.campaign.verbs('d')).toEqual([]);
      expect(bench.locks.size).toBe(0);
    });

    it('does not go on with the later changes of a key', async () => {
      bench.campaign.on('create', 'before', turn, { key: 'a' });
      bench.campaign.on(
        'find',
        'before',
        () => {
          throw new RetriableError('UNREACHABLE', 'Down.');
        },
        { key: 'b' },
      );
      const report = await bench.write([
        upsert('a', { firstName: 'One' }),
        upsert('b'),
        upsert('a', { firstName: 'Two' }),
      ]);
      expect(failureOf(report)).toMatchObject({ code: 'UNREACHABLE' });
      expect(bench.campaign.records.get('a')?.['firstName']).not.toBe('Two');
      expect(report.outcomes.slice(1)).toEqual([undefined, undefined]);
    });

    it('stops before the first record when the metadata can not be read', async () => {
      const error = new ConfigurationError('RESOURCE_UNKNOWN', 'Unknown.');
      const deps = { ...bench.deps, describe: () => Promise.reject(error) };
      const report = await writeBatch([upsert('a')], deps, {
        instance: 'x',
        lookup: { by: 'key' },
        concurrency: 1,
        locationIsFixed: false,
      });
      expect(failureOf(report)).toBe(error);
      expect(bench.campaign.calls).toEqual([]);
    });
  });

  describe('a cancelled execution', () => {
    it('writes nothing when it was cancelled before', async () => {
      const report = await bench.write([upsert('a')], { signal: AbortSignal.abort() });
      expect(failureOf(report)).toMatchObject({ code: 'ABORTED' });
      expect(bench.campaign.calls).toEqual([]);
      expect(bench.clock.pending).toBe(0);
    });

    it('starts no write after the cancel, though the look-up was done', async () => {
      const cancel = new AbortController();
      bench.campaign.on('find', 'after', () => cancel.abort());
      const report = await bench.write([upsert('a'), upsert('b')], { signal: cancel.signal, concurrency: 1 });
      expect(failureOf(report)).toMatchObject({ code: 'ABORTED' });
      expect(bench.campaign.verbs()).toEqual(['find']);
    });

    it('lets the write under way end, with the lock of its key held', async () => {
      const cancel = new AbortController();
      let held = 0;
      bench.campaign.on('create', 'before', async () => {
        cancel.abort();
        await turn();
        held = bench.locks.size;
      });
      const report = await bench.write([upsert('a'), upsert('b')], { signal: cancel.signal, concurrency: 1 });
      expect(failureOf(report)).toMatchObject({ code: 'ABORTED' });
      expect(held).toBe(1);
      expect(report.outcomes).toEqual([{ status: 'created', engineCalls: 1 }, undefined]);
    });

    it('cuts a write that takes longer than the grace', async () => {
      const cancel = new AbortController();
      let seen: AbortSignal | undefined;
      const client = Object.create(bench.campaign) as FakeCampaign;
      client.create = (_resource, _body, options) => {
        seen = options?.signal;
        cancel.abort();
        return new Promise((_resolve, reject) =>
          seen?.addEventListener('abort', () => reject(new RetriableError('ABORTED', 'Aborted.'))),
        );
      };
      const running = writeBatch(
        [upsert('a')],
        { ...bench.deps, client },
        {
          instance: 'x',
          lookup: { by: 'key' },
          concurrency: 1,
          locationIsFixed: false,
          signal: cancel.signal,
        },
      );
      await turn();
      await turn();
      bench.move(CANCEL_GRACE_MS - 1);
      expect(seen?.aborted).toBe(false);
      bench.move(1);
      expect(failureOf(await running)).toMatchObject({ code: 'ABORTED' });
      expect(bench.clock.pending).toBe(0);
    });

    it('does not wait for a key that another execution holds', async () => {
      const cancel = new AbortController();
      bench.locks.acquire(JSON.stringify(['https://campaign/org', 'profile', 'externalId', 'a']));
      const running = bench.write([upsert('a')], { signal: cancel.signal });
      await turn();
      cancel.abort();
      expect(failureOf(await running)).toMatchObject({ code: 'ABORTED' });
    });
  });

  describe('a superseded delivery', () => {
    const delivery: Delivery = {
      trigger: 'w:n',
      number: 7,
      attempt: 1,
      until: new Date(START + 60_000).toISOString(),
    };
    const delivered = (key: string) => upsert(key, { firstName: 'x' }, { delivery });

    it('writes while it is in force', async () => {
      bench.deliveries.begin(delivery);
      expect(outcomesOf(await bench.write([delivered('a')]))).toMatchObject([{ status: 'created' }]);
    });

    it.each(['create', 'update', 'remove'] as const)(
      'does not start a %s once the batch was delivered again',
      async (verb) => {
        bench.deliveries.begin(delivery);
        if (verb !== 'create') bench.campaign.put('a', { firstName: 'Old' });
        bench.campaign.on('find', 'after', () => bench.deliveries.begin({ ...delivery, attempt: 2 }));
        const change = verb === 'remove' ? { ...remove('a'), delivery } : delivered('a');
        const report = await bench.write([change, delivered('b')], { concurrency: 1 });
        expect(failureOf(report)).toMatchObject({ code: 'DELIVERY_SUPERSEDED' });
        expect(bench.campaign.verbs()).toEqual(['find']);
      },
    );

    it('does not start a write once its time is over, wherever the next delivery may run', async () => {
      bench.campaign.on('find', 'after', () => {
        bench.move(60_000);
      });
      expect(failureOf(await bench.write([delivered('a')]))).toMatchObject({ code: 'DELIVERY_SUPERSEDED' });
      expect(bench.campaign.records.size).toBe(0);
    });

    it('ends the repetitions of a write when its time is over', async () => {
      let aborted = false;
      bench.campaign.on('create', 'before', () => bench.move(60_000));
      const create = bench.campaign.create.bind(bench.campaign);
      bench.campaign.create = async (resource, body, options) => {
        try {
          return await create(resource, body, options);
        } finally {
          aborted = options?.signal?.aborted ?? false;
        }
      };
      await bench.write([delivered('a')]);
      expect(aborted).toBe(true);
    });

    it('does not write the record again after an unanswered create', async () => {
      bench.deliveries.begin(delivery);
      bench.campaign.on('create', 'before', () => {
        bench.deliveries.begin({ ...delivery, attempt: 2 });
        throw uncertain();
      });
      expect(failureOf(await bench.write([delivered('a')]))).toMatchObject({ code: 'DELIVERY_SUPERSEDED' });
      expect(bench.campaign.verbs().filter((verb) => verb === 'create')).toHaveLength(1);
    });
  });

  it('converges under random faults, with every record as its last change says', async () => {
    let seed = 42;
    const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    const expected = new Map<string, string | undefined>();
    const changes = Array.from({ length: 400 }, (_, i) => {
      const key = `k${Math.floor(random() * 60)}`;
      const gone = random() < 0.2;
      expected.set(key, gone ? undefined : `Name ${i}`);
      return gone ? remove(key) : upsert(key, { firstName: `Name ${i}` });
    });
    for (const when of ['before', 'after'] as const) {
      bench.campaign.on(
        'create',
        when,
        () => {
          if (random() < 0.3) throw uncertain();
        },
        { times: 10_000 },
      );
    }
    // What a trigger does: the batch again, until it went through.
    let report = await bench.write(changes);
    for (let attempt = 1; report.kind === 'stopped' && attempt < 50; attempt++) report = await bench.write(changes);
    outcomesOf(report);
    for (const [key, name] of expected) expect(bench.campaign.records.get(key)?.['firstName']).toBe(name);
    expect(bench.campaign.mostInFlightOfOneKey).toBe(1);
  });
});
