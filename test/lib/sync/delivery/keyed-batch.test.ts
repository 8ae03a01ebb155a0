import { getEventListeners } from 'node:events';
import type { Delivery } from '../../../../lib/core/change';
import { FatalError, RetriableError } from '../../../../lib/core/errors';
import type { Outcome } from '../../../../lib/core/outcome';
import { DeliveryRegistry } from '../../../../lib/sync/delivery/deliveries';
import { KeyLocks } from '../../../../lib/sync/delivery/key-locks';
import {
  runKeyedBatch,
  type BatchItem,
  type BatchOptions,
  type BatchReport,
  type ItemContext,
} from '../../../../lib/sync/delivery/keyed-batch';
import { TestClock } from '../../../support/test-clock';
import { turns } from '../../../support/turn';

/** A minute after the start of the test's clock. */
const UNTIL = '2026-11-21T12:01:00Z';
const UPDATED: Outcome = { status: 'updated', engineCalls: 2 };
const SKIPPED: Outcome = { status: 'skipped', code: 'FILTERED_OUT', engineCalls: 0 };

/** The promise's result; fails the test, rather than its timeout, when it does not come. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  const never = turns(100).then(() => {
    throw new Error('It did not end.');
  });
  return Promise.race([promise, never]);
}

/** One item for each key of `a b a`, in this order. */
const items = (keys: string): BatchItem[] => keys.split(' ').map((key) => ({ key }));

interface Script {
  /** In place of the outcome: called with the item's index once its work has begun. */
  readonly work?: (index: number, context: ItemContext) => Promise<Outcome> | Outcome;
  readonly prepare?: (indexes: readonly number[], context: ItemContext) => Promise<void>;
}

/** Runs batches and writes down what happens: `+a0` when the work on item 0, of key a, begins, `-a0` when it ends. */
class Bench {
  readonly locks = new KeyLocks();
  readonly deliveries = new DeliveryRegistry();
  readonly log: string[] = [];
  readonly progress: string[] = [];
  readonly clock = new TestClock();
  private readonly ends = new Map<string, () => void>();

  run(batch: readonly BatchItem[], options: Partial<BatchOptions> = {}, script: Script = {}): Promise<BatchReport> {
    const { prepare } = script;
    return runKeyedBatch(
      batch,
      this,
      {
        concurrency: 4,
        onProgress: (done, all) => void this.progress.push(`${done}/${all}`),
        ...options,
      },
      {
        work: async (index, context) => {
          const name = `${batch[index]?.key}${index}`;
          this.log.push(`+${name}`);
          try {
            return (await script.work?.(index, context)) ?? UPDATED;
          } finally {
            this.log.push(`-${name}`);
          }
        },
        ...(prepare && {
          prepare: (indexes, context) => {
            this.log.push(`prepare ${indexes.join()}`);
            return prepare(indexes, context);
          },
        }),
      },
    );
  }

  /** Work that lasts until {@link end} is called for the item; it can't be hurried, like a request that is on its way. */
  readonly held = (index: number): Promise<Outcome> =>
    new Promise((resolve) => this.ends.set(String(index), () => resolve(UPDATED)));

  end(...indexes: number[]): void {
    for (const index of indexes) {
      const end = this.ends.get(String(index));
      if (!end) throw new Error(`Item ${index} is not in progress.`);
      end();
    }
  }
}

function failureOf(report: BatchReport): unknown {
  if (report.kind === 'complete') throw new Error('The batch was expected to stop.');
  return report.failure;
}

describe('runKeyedBatch', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('gives each item the outcome of its own work, in its place', async () => {
    const batch = items('a b a c b');
    const report = await bench.run(
      batch,
      { windowSize: 2 },
      { work: (index) => ({ ...UPDATED, message: `item ${index}` }) },
    );
    expect(report).toEqual({
      kind: 'complete',
      outcomes: batch.map((_, index) => ({ ...UPDATED, message: `item ${index}` })),
    });
  });

  it('is complete at once when there is nothing to do', async () => {
    expect(await bench.run([])).toEqual({ kind: 'complete', outcomes: [] });
    expect(bench.progress).toEqual([]);
  });

  describe('the order of one key', () => {
    it.each([1, 2, 3])('is kept, one item after the other, in windows of %i', async (windowSize) => {
      const batch = items('a b a c b a');
      // The earlier the item, the longer it takes: whoever does not wait overtakes.
      const work = async (index: number) => {
        await turns(batch.length - index);
        return UPDATED;
      };
      expect(await bench.run(batch, { windowSize }, { work })).toMatchObject({ kind: 'complete' });
      expect(bench.log.filter((entry) => entry[1] === 'a')).toEqual(['+a0', '-a0', '+a2', '-a2', '+a5', '-a5']);
      expect(bench.log.filter((entry) => entry[1] === 'b')).toEqual(['+b1', '-b1', '+b4', '-b4']);
    });

    it('is kept across two executions of the process', async () => {
      const first = bench.run(items('a'), {}, { work: bench.held });
      const second = bench.run(items('x a'));
      await turns(10);
      expect(bench.log).toEqual(['+a0', '+x0', '-x0']);
      bench.end(0);
      await soon(Promise.all([first, second]));
      expect(bench.log.slice(3)).toEqual(['-a0', '+a1', '-a1']);
    });

    const keys = ['', ' ', 'a', 'A', '__proto__', 'constructor', '\u00e9', 'e\u0301', '0', '-0'];
    it.each(keys)('concerns the key %j alone', async (key) => {
      const others = keys.filter((other) => other !== key);
      const running = bench.run(
        [{ key }, ...others.map((other) => ({ key: other })), { key }],
        { concurrency: 20 },
        { work: (index) => (index === 0 ? bench.held(index) : UPDATED) },
      );
      await turns(10);
      expect(bench.progress).toHaveLength(others.length);
      bench.end(0);
      expect(await soon(running)).toMatchObject({ kind: 'complete' });
    });
  });

  describe('concurrency', () => {
    it.each([
      [1, 1, 1],
      [2, 1, 2],
      [5, 1, 5],
      [1, 3, 3],
      [2, 3, 6],
      [100, 1, 12],
      [2, 100, 12],
    ])(
      'of %i with windows of %i keys has %i items in progress, and never more',
      async (concurrency, windowSize, most) => {
        let inProgress = 0;
        let seen = 0;
        const work = async (index: number) => {
          seen = Math.max(seen, ++inProgress);
          await turns(1 + (index % 3));
          inProgress--;
          return UPDATED;
        };
        const report = await bench.run(items('a b c d e f g h i j k l'), { concurrency, windowSize }, { work });
        expect(report).toMatchObject({ kind: 'complete' });
        expect(seen).toBe(most);
      },
    );

    it('lets the next window begin when one has ended, whichever it is', async () => {
      const running = bench.run(items('a b c'), { concurrency: 2 }, { work: bench.held });
      await turns(10);
      bench.end(1);
      await turns(10);
      expect(bench.log).toEqual(['+a0', '+b1', '-b1', '+c2']);
      bench.end(0, 2);
      expect(await soon(running)).toMatchObject({ kind: 'complete' });
    });
  });

  describe('a window', () => {
    it('is prepared once, with the first item of each of its keys, before any of them is worked on', async () => {
      const report = await bench.run(
        items('a b a c d b'),
        { windowSize: 3, concurrency: 1 },
        { prepare: () => turns(1) },
      );
      expect(report).toMatchObject({ kind: 'complete' });
      expect(bench.log).toEqual([
        'prepare 0,1,3',
        ...['+a0', '+b1', '+c3', '-a0', '-b1', '-c3', '+a2', '+b5', '-a2', '-b5'],
        'prepare 4',
        ...['+d4', '-d4'],
      ]);
    });

    it('is prepared while all its locks are held, and keeps them until its last item is done', async () => {
      const held: number[] = [];
      const running = bench.run(
        items('a b c'),
        { windowSize: 3 },
        {
          prepare: async () => void held.push(bench.locks.size),
          work: bench.held,
        },
      );
      await turns(10);
      bench.end(0, 2);
      await turns(10);
      const other = bench.run(items('a'));
      await turns(10);
      expect(held).toEqual([3]);
      expect(bench.locks.size).toBe(3);
      expect(bench.progress).toEqual(['1/3', '2/3']);
      bench.end(1);
      expect(await soon(running)).toMatchObject({ kind: 'complete' });
      expect(await soon(other)).toMatchObject({ kind: 'complete' });
    });

    it('takes its locks in the one order that all take, so that two windows never wait for each other', async () => {
      bench.locks.acquire('m');
      const [one, two] = [items('a m z'), items('z m a')];
      const both = Promise.all([bench.run(one, { windowSize: 3 }), bench.run(two, { windowSize: 3 })]);
      await turns(10);
      bench.locks.release('m');
      expect(await soon(both)).toMatchObject([{ kind: 'complete' }, { kind: 'complete' }]);
      expect(bench.log).toHaveLength(12);
    });

    it('whose preparation fails starts none of its items, and stops the batch', async () => {
      const failure = new RetriableError('SERVER_DOWN', 'The server is down.');
      const report = await bench.run(
        items('a b c'),
        { windowSize: 2, concurrency: 1 },
        { prepare: () => Promise.reject(failure) },
      );
      expect(report).toEqual({ kind: 'stopped', outcomes: [undefined, undefined, undefined], failure });
      expect(bench.log).toEqual(['prepare 0,1']);
    });
  });

  it('starts no further item of another window when a preparation fails', async () => {
    const failure = new RetriableError('SERVER_DOWN', 'The server is down.');
    const prepare = ([first]: readonly number[]) =>
      first === 0 ? turns(5).then(() => Promise.reject(failure)) : Promise.resolve();
    const running = bench.run(items('a b b'), { concurrency: 2 }, { prepare, work: bench.held });
    await turns(10);
    bench.end(1);
    expect(failureOf(await soon(running))).toBe(failure);
    expect(bench.log).toEqual(['prepare 0', 'prepare 1', '+b1', '-b1']);
  });

  describe('an item whose work fails', () => {
    const failure = new RetriableError('SERVER_DOWN', 'The server is down.');

    it('stops the rest, while those in progress end and keep their outcomes', async () => {
      const batch = items('a b c a b c d');
      const running = bench.run(
        batch,
        { concurrency: 3 },
        { work: (index) => (index === 1 ? turns(2).then(() => Promise.reject(failure)) : bench.held(index)) },
      );
      await turns(10);
      expect(bench.log).toEqual(['+a0', '+b1', '+c2', '-b1']);
      let ended = false;
      void running.then(() => (ended = true));
      bench.end(0);
      await turns(10);
      expect(ended).toBe(false);
      bench.end(2);
      const report = await soon(running);
      expect(report).toMatchObject({ kind: 'stopped', failure });
      expect(report.outcomes).toEqual(batch.map((_, index) => (index === 0 || index === 2 ? UPDATED : undefined)));
      expect(bench.log).toEqual(['+a0', '+b1', '+c2', '-b1', '-a0', '-c2']);
    });

    it('keeps the locks of its window until those in progress have ended', async () => {
      const running = bench.run(
        items('a b'),
        { windowSize: 2 },
        { work: (index) => (index === 0 ? Promise.reject(failure) : bench.held(index)) },
      );
      await turns(10);
      const next = bench.locks.acquire('b');
      expect(next).toBeInstanceOf(Promise);
      bench.end(1);
      await soon(running);
      await next;
      expect(bench.locks.size).toBe(1);
    });

    it('ends what others only read, and stays the failure that is reported', async () => {
      const signals: AbortSignal[] = [];
      const report = await soon(
        bench.run(
          items('a b c'),
          { windowSize: 2 },
          {
            work: (index, { stop, fence }) => {
              signals.push(fence.signal);
              if (index === 1) return turns(2).then(() => Promise.reject(failure));
              return new Promise((_, reject) => {
                stop.addEventListener('abort', () => reject(new Error('The look-up was aborted.')));
              });
            },
          },
        ),
      );
      expect(failureOf(report)).toBe(failure);
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    });

    it('stops the batch in the same way when its progress can not be told', async () => {
      const onProgress = () => {
        throw failure;
      };
      const report = await bench.run(items('a b'), { concurrency: 1, onProgress });
      expect(report).toEqual({ kind: 'stopped', outcomes: [UPDATED, undefined], failure });
    });
  });

  describe('when the execution is cancelled', () => {
    it('starts nothing if that was before', async () => {
      const report = await bench.run(items('a b'), { signal: AbortSignal.abort() });
      expect(failureOf(report)).toMatchObject({ code: 'ABORTED' });
      expect(failureOf(report)).toBeInstanceOf(RetriableError);
      expect(bench.log).toEqual([]);
    });

    it('starts no further item, lets those in progress end, and keeps their outcomes', async () => {
      const cancel = new AbortController();
      const running = bench.run(items('a b a c'), { concurrency: 2, signal: cancel.signal }, { work: bench.held });
      await turns(10);
      cancel.abort();
      await turns(10);
      expect(bench.log).toEqual(['+a0', '+b1']);
      bench.end(0, 1);
      const report = await soon(running);
      expect(failureOf(report)).toMatchObject({ code: 'ABORTED' });
      expect(report.outcomes).toEqual([UPDATED, UPDATED, undefined, undefined]);
      expect(bench.log).toEqual(['+a0', '+b1', '-a0', '-b1']);
    });

    it('waits no longer for a key that another execution holds, nor starts what it waited with', async () => {
      const cancel = new AbortController();
      bench.locks.acquire('b');
      const running = bench.run(items('a b'), { windowSize: 2, signal: cancel.signal });
      await turns(10);
      expect(bench.locks.size).toBe(2);
      cancel.abort();
      expect(failureOf(await soon(running))).toMatchObject({ code: 'ABORTED' });
      expect(bench.log).toEqual([]);
      bench.locks.release('b');
      expect(bench.locks.size).toBe(0);
    });

    it('prepares nothing any more, even if the key had just become free', async () => {
      const cancel = new AbortController();
      bench.locks.acquire('a');
      const running = bench.run(items('a b'), { windowSize: 2, signal: cancel.signal }, { prepare: () => turns(1) });
      await turns(10);
      bench.locks.release('a');
      cancel.abort();
      expect(failureOf(await soon(running))).toMatchObject({ code: 'ABORTED' });
      expect(bench.log).toEqual([]);
      expect(bench.locks.size).toBe(0);
    });

    it('says so even if the last item had been done by then', async () => {
      const cancel = new AbortController();
      const report = await bench.run(
        items('a b'),
        { concurrency: 1, signal: cancel.signal },
        { work: (index) => (index === 1 && cancel.abort(), UPDATED) },
      );
      expect(failureOf(report)).toMatchObject({ code: 'ABORTED' });
      expect(report.outcomes).toEqual([UPDATED, UPDATED]);
    });
  });

  describe('an item with an outcome', () => {
    const done = (key: string): BatchItem => ({ key, outcome: SKIPPED });

    it('keeps it, and nothing is done for it', async () => {
      const report = await bench.run(
        [{ key: 'a' }, done('a'), done('b'), { key: 'a' }],
        {},
        { prepare: () => turns(1) },
      );
      expect(report).toEqual({ kind: 'complete', outcomes: [UPDATED, SKIPPED, SKIPPED, UPDATED] });
      expect(bench.log).toEqual(['prepare 0', '+a0', '-a0', '+a3', '-a3']);
    });

    it('is not counted in the progress', async () => {
      await bench.run([done('a'), { key: 'b' }, done('c'), { key: 'd' }], { concurrency: 1 });
      expect(bench.progress).toEqual(['1/2', '2/2']);
    });

    it('does not wait for its key', async () => {
      bench.locks.acquire('a');
      expect(await soon(bench.run([done('a')]))).toEqual({ kind: 'complete', outcomes: [SKIPPED] });
    });

    it('keeps it when the batch stops', async () => {
      const report = await bench.run(
        [{ key: 'b' }, done('a')],
        {},
        { work: () => Promise.reject(new Error('The server is down.')) },
      );
      expect(report).toMatchObject({ kind: 'stopped', outcomes: [undefined, SKIPPED] });
    });
  });

  it.each([0, 1, 2])(
    'takes item %i for a defect if it is left without an outcome, and loses no other',
    async (lost) => {
      const report = await runKeyedBatch(
        items('a b c'),
        bench,
        { concurrency: 1 },
        {
          work: (index) => Promise.resolve((index === lost ? undefined : UPDATED) as Outcome),
        },
      );
      expect(failureOf(report)).toBeInstanceOf(FatalError);
      expect(failureOf(report)).toMatchObject({
        code: 'ITEM_WITHOUT_OUTCOME',
        message: expect.stringContaining(`Item ${lost} `) as string,
      });
      expect(report.outcomes).toEqual([0, 1, 2].map((index) => (index === lost ? undefined : UPDATED)));
    },
  );

  describe('a delivery', () => {
    const delivery: Delivery = {
      trigger: 'w:n',
      number: 7,
      attempt: 1,
      until: UNTIL,
    };
    const delivered = (keys: string): BatchItem[] => items(keys).map((item) => ({ ...item, delivery }));
    const checked = (index: number, { fence }: ItemContext) => {
      fence.check(delivery);
      return { ...UPDATED, message: `item ${index}` };
    };

    it('that is in force may write', async () => {
      bench.deliveries.begin(delivery);
      expect(await bench.run(delivered('a b'), {}, { work: checked })).toMatchObject({ kind: 'complete' });
    });

    it('that came again in the meantime may not, and what was written before is reported', async () => {
      bench.deliveries.begin(delivery);
      const report = await bench.run(
        delivered('a b c'),
        { concurrency: 1 },
        {
          work: (index, context) => {
            if (index === 1) bench.deliveries.begin({ ...delivery, attempt: 2 });
            return checked(index, context);
          },
        },
      );
      expect(failureOf(report)).toMatchObject({ code: 'DELIVERY_SUPERSEDED' });
      expect(report.outcomes).toMatchObject([{ message: 'item 0' }, undefined, undefined]);
      expect(report.outcomes).toHaveLength(3);
      expect(bench.log).toEqual(['+a0', '-a0', '+b1', '-b1']);
    });

    it('may not start to write when its time is over', async () => {
      bench.clock.advance(60_000);
      const report = await bench.run(delivered('a'), {}, { work: checked });
      expect(failureOf(report)).toMatchObject({ code: 'DELIVERY_SUPERSEDED' });
    });

    it('whose time ends while it writes has the write cut', async () => {
      const cut = new RetriableError('ABORTED', 'The request was cut.');
      const running = bench.run(
        delivered('a'),
        {},
        {
          work: (_, { fence }) =>
            new Promise((_resolve, reject) => fence.signal.addEventListener('abort', () => reject(cut))),
        },
      );
      await turns(10);
      bench.clock.advance(60_000);
      expect(failureOf(await soon(running))).toBe(cut);
    });
  });

  type Way = [
    way: string,
    run: (bench: Bench, cancel: AbortController) => Promise<BatchReport>,
    kind: BatchReport['kind'],
  ];
  const batch = items('a b a c').map((item) => ({
    ...item,
    delivery: { trigger: 'w:n', number: 1, attempt: 1, until: UNTIL },
  }));
  const ways: Way[] = [
    ['it is complete', (at, { signal }) => at.run(batch, { signal, windowSize: 2 }), 'complete'],
    [
      'an item fails',
      (at, { signal }) => at.run(batch, { signal, windowSize: 2 }, { work: () => Promise.reject(new Error('no')) }),
      'stopped',
    ],
    [
      'the preparation fails',
      (at, { signal }) => at.run(batch, { signal, windowSize: 2 }, { prepare: () => Promise.reject(new Error('no')) }),
      'stopped',
    ],
    [
      'an item has no outcome',
      (at, { signal }) => {
        const work = () => Promise.resolve(undefined as unknown as Outcome);
        return runKeyedBatch(batch, at, { concurrency: 2, signal, windowSize: 2 }, { work });
      },
      'stopped',
    ],
    [
      'it is cancelled while it works',
      (at, cancel) => {
        const work = () => (cancel.abort(), UPDATED);
        return at.run(batch, { signal: cancel.signal, windowSize: 2 }, { work });
      },
      'stopped',
    ],
    [
      'it is cancelled while it waits for a key',
      async (at, cancel) => {
        at.locks.acquire('c');
        const running = at.run(batch, { signal: cancel.signal, windowSize: 3 });
        await turns(10);
        cancel.abort();
        const report = await running;
        at.locks.release('c');
        return report;
      },
      'stopped',
    ],
  ];
  it.each(ways)('leaves no lock, timer or listener behind when %s', async (_, run, kind) => {
    const cancel = new AbortController();
    expect(await soon(run(bench, cancel))).toMatchObject({ kind });
    expect(bench.locks.size).toBe(0);
    expect(bench.clock.pending).toBe(0);
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  });
});
