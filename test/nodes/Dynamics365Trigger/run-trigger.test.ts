import type { IDataObject, INodeExecutionData, IRun } from 'n8n-workflow';
import { DeltaTokenExpiredError } from '../../../lib/sync/feed/delta-token-expired';
import type { UpsertChange } from '../../../lib/core/change';
import type { ChangeSource, FeedPage } from '../../../lib/sync/feed/change-feed';
import type { Checkpoint, Position } from '../../../lib/sync/feed/checkpoint';
import { ConfigurationError, RetriableError } from '../../../lib/core/errors';
import {
  runTriggerLoop,
  type TriggerHost,
  type TriggerLoopOptions,
} from '../../../nodes/Dynamics365Trigger/run-trigger';
import { createDeferredPromise } from '../support/deferred-promise';

const upsert = (id: string): UpsertChange => ({
  change: 'upsert',
  reason: 'changed',
  table: 'contact',
  id,
  modifiedOn: null,
  initial: false,
  record: {},
  labels: {},
});
const page = (ids: string[], links: Partial<FeedPage> = {}): FeedPage => ({
  upserts: ids.map(upsert),
  deletedIds: [],
  ...links,
});

let counter = 0;

/**
 * A host whose runs are scripted; the loop is stopped once the script of pages is used up and the source is asked for more.
 */
function rig(script: {
  at?: Position;
  pages: Record<string, (FeedPage | Error)[]>;
  runs?: (string | Error)[];
  options?: Partial<TriggerLoopOptions>;
  deliveryUntil?: string;
}) {
  const stop = new AbortController();
  const log: string[] = [];
  const saved: Checkpoint[] = [];
  const emitted: { ids: string[]; attempt: number; savedAt: Checkpoint }[] = [];
  const failures: string[] = [];
  let now = Date.parse('2026-11-21T12:00:00Z');
  const slept: number[] = [];
  const read = (link: string): FeedPage => {
    log.push(`read ${link}`);
    const next = script.pages[link]?.shift();
    if (next === undefined) {
      stop.abort(new Error('script over'));
      throw new Error('script over');
    }
    if (next instanceof Error) throw next;
    return next;
  };
  const source: ChangeSource = {
    table: 'contact',
    firstPage: async (what) => read(what),
    pageAt: async (link) => read(link),
    rowsById: async (ids) => ({ upserts: ids.map(upsert), missing: [] }),
  };
  const runs = script.runs ?? [];
  const host = {
    getNode: () => ({ name: 'Trigger', id: 'n', type: 't', typeVersion: 1, position: [0, 0], parameters: {} }),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    helpers: { createDeferredPromise },
    saveFailedExecution: (error: Error) => failures.push(error.message),
    emit: (data: INodeExecutionData[][], _r: unknown, done: { resolve(run: IRun): void; reject(e: Error): void }) => {
      const items = data[0]!.map((item) => item.json as IDataObject & { id: string; delivery: { attempt: number } });
      emitted.push({ ids: items.map((i) => i.id), attempt: items[0]!.delivery.attempt, savedAt: saved.at(-1)! });
      log.push(`emit ${items.map((i) => i.id).join()}`);
      const run = runs.shift() ?? 'success';
      setImmediate(() => (run instanceof Error ? done.reject(run) : done.resolve({ status: run } as IRun)));
    },
  } as unknown as TriggerHost;
  const start: Checkpoint = {
    version: 1,
    organization: 'https://org.example',
    table: 'contact',
    columns: [],
    replay: '',
    position: script.at ?? { phase: 'delta', link: 'd1' },
    delivery: 0,
    deliveryUntil: script.deliveryUntil ?? null,
  };
  const options: TriggerLoopOptions = {
    trigger: `w:n${counter++}`,
    batchSize: 100,
    longestPollPauseMs: 30_000,
    longestRetryPauseMs: 300_000,
    runMs: 60_000,
    queueMode: false,
    signal: stop.signal,
    ...script.options,
  };
  const result = runTriggerLoop(host, start, options, {
    source,
    save: (checkpoint) => saved.push(checkpoint),
    now: () => now,
    sleep: async (ms, signal) => {
      await new Promise((resolve) => setTimeout(resolve, ms > 50_000 ? 20 : 0));
      signal.throwIfAborted();
      now += ms;
      slept.push(ms);
    },
  });
  return { result, log, saved, emitted, failures, slept, stop };
}

describe('the loop of the Dynamics 365 Trigger', () => {
  it('moves the checkpoint past a batch only after its run succeeded', async () => {
    const { result, emitted, saved } = rig({
      pages: { d1: [page(['a'], { deltaLink: 'd2' })], d2: [page([], { deltaLink: 'd3' })] },
      runs: ['error', new Error('timeout'), 'success'],
    });
    await result;
    expect(emitted.map((e) => [e.ids, e.attempt])).toEqual([
      [['a'], 1],
      [['a'], 2],
      [['a'], 3],
    ]);
    // What n8n saves at each emit is the position before the batch.
    for (const { savedAt } of emitted) expect(savedAt.position).toEqual({ phase: 'delta', link: 'd1' });
    expect(saved.find((c) => c.position.link === 'd2')).toMatchObject({ delivery: 1, deliveryUntil: null });
  });

  it('reads the next page of a load while a batch is being worked on, and still emits in order', async () => {
    const { result, log } = rig({
      at: { phase: 'load', link: null, safety: 's', load: 'initial' },
      pages: {
        rows: [page(['a'], { nextLink: 'p2' })],
        p2: [page(['b'], { deltaLink: 'd1' })],
        s: [page(['c'], { deltaLink: 'x' })],
        d1: [page([], { deltaLink: 'd1' })],
      },
    });
    await result;
    expect(log).toEqual(['read rows', 'read p2', 'emit a', 'read s', 'emit b', 'read d1', 'emit c', 'read d1']);
  });

  it('does not emit when nothing changed, and waits longer and longer', async () => {
    const { result, emitted, slept } = rig({
      pages: { d1: Array.from({ length: 7 }, () => page([], { deltaLink: 'd1' })) },
    });
    await result;
    expect(emitted).toEqual([]);
    expect(slept.slice(0, 6)).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('turns an expired delta token into a full read and says so', async () => {
    const { result, failures, saved } = rig({
      pages: {
        d1: [new DeltaTokenExpiredError('contact')],
        ids: [page(['a'], { deltaLink: 'safe' })],
        rows: [page(['a'], { deltaLink: 'd9' })],
        safe: [page([], { deltaLink: 'x' })],
        d9: [],
      },
    });
    await result;
    expect(failures).toHaveLength(1);
    expect(saved.map((c) => c.position)).toContainEqual({ phase: 'load', link: null, safety: 'safe', load: 'expired' });
    expect(saved.at(-1)!.position).toEqual({ phase: 'delta', link: 'd9' });
  });

  it('reports an outage once, keeps trying, and goes on where it was', async () => {
    const down = () => new RetriableError('UNREACHABLE', 'down');
    const { result, failures, emitted } = rig({
      pages: { d1: [down(), down(), down(), down(), down(), page(['a'], { deltaLink: 'd2' })], d2: [] },
    });
    await result;
    expect(failures).toEqual(['down']);
    expect(emitted.map((e) => e.ids)).toEqual([['a']]);
  });

  it('waits at least as long as the server asks', async () => {
    const { result, slept } = rig({
      pages: {
        d1: [new RetriableError('TOO_MANY', 'slow down', { retryAfterMs: 17_000 }), page([], { deltaLink: 'd1' })],
      },
    });
    await result;
    expect(slept[0]).toBe(17_000);
  });

  it('reports at once what waiting does not mend', async () => {
    const { result, failures } = rig({
      pages: { d1: [new ConfigurationError('UNKNOWN_COLUMN', 'no such column'), page([], { deltaLink: 'd1' })] },
    });
    await result;
    expect(failures).toEqual(['no such column']);
  });

  it('in queue mode waits after a crash until the last delivery can no longer write', async () => {
    const { result, slept } = rig({
      pages: { d1: [page([], { deltaLink: 'd1' })] },
      options: { queueMode: true },
      deliveryUntil: '2026-11-21T12:00:30.000Z',
    });
    await result;
    expect(slept[0]).toBe(40_000);
  });

  it('ends quietly when it is stopped', async () => {
    const { result, stop, failures } = rig({
      pages: { d1: Array.from({ length: 50 }, () => page([], { deltaLink: 'd1' })) },
    });
    stop.abort(new Error('closed'));
    await expect(result).resolves.toBeUndefined();
    expect(failures).toEqual([]);
  });
});
