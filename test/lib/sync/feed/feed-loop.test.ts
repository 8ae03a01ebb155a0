import type { UpsertChange } from '../../../../lib/core/change';
import { ConfigurationError, FatalError, RetriableError } from '../../../../lib/core/errors';
import type { TriggerHost } from '../../../../lib/sync/delivery/trigger-host';
import type { ChangeSource, FeedPage } from '../../../../lib/sync/feed/change-feed';
import type { Checkpoint, Position } from '../../../../lib/sync/feed/checkpoint';
import { DeltaTokenExpiredError } from '../../../../lib/sync/feed/delta-token-expired';
import { FeedLoop } from '../../../../lib/sync/feed/feed-loop';
import { TestClock } from '../../../support/test-clock';

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

/**
 * A host that takes every batch at its `accepted` try; the loop is stopped once the script of pages is used up and the source is asked for
 * more.
 */
function rig(script: { at?: Position; pages: Record<string, (FeedPage | Error)[]>; refusedFirst?: number }) {
  const stop = new AbortController();
  const log: string[] = [];
  const saved: Checkpoint[] = [];
  const emitted: { ids: string[]; number: number; savedAt: Checkpoint }[] = [];
  const failures: string[] = [];
  const clear: string[] = [];
  const clock = new TestClock();
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
  let refusals = script.refusedFirst ?? 0;
  const host: TriggerHost<Checkpoint> = {
    clock,
    deliver: async ({ number, records, onEmit }) => {
      const ids = (records as UpsertChange[]).map(({ id }) => id);
      do {
        onEmit('2026-11-21T12:01:00.000Z');
        emitted.push({ ids, number, savedAt: saved.at(-1)! });
        log.push(`emit ${ids.join()}`);
        await new Promise(setImmediate);
      } while (refusals-- > 0);
    },
    save: (checkpoint) => saved.push(checkpoint),
    report: (error) => failures.push((error as Error).message),
    allClear: (text) => clear.push(text),
    log: () => undefined,
  };
  const start: Checkpoint = {
    version: 1,
    organization: 'https://org.example',
    table: 'contact',
    columns: [],
    replay: '',
    position: script.at ?? { phase: 'delta', link: 'd1' },
    delivery: 0,
    deliveryUntil: null,
  };
  const result = new FeedLoop(
    start,
    source,
    { batchSize: 100, longestPollPauseMs: 30_000, longestRetryPauseMs: 300_000, signal: stop.signal },
    host,
  ).run();
  return { result, log, saved, emitted, failures, clear, slept: clock.slept, stop };
}

describe("the loop over a table's changes", () => {
  it('moves the checkpoint past a batch only after its run succeeded', async () => {
    const { result, emitted, saved } = rig({
      pages: { d1: [page(['a'], { deltaLink: 'd2' })], d2: [page([], { deltaLink: 'd3' })] },
      refusedFirst: 2,
    });
    await result;
    expect(emitted.map((e) => [e.ids, e.number])).toEqual([
      [['a'], 1],
      [['a'], 1],
      [['a'], 1],
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
      pages: { d1: [new ConfigurationError('PRIVILEGE_MISSING', 'no such right'), page([], { deltaLink: 'd1' })] },
    });
    await result;
    expect(failures).toEqual(['no such right']);
  });

  it('tells once of each cause of an outage, and once that it is over', async () => {
    const { result, failures, clear } = rig({
      pages: {
        d1: [
          ...Array.from({ length: 5 }, () => new RetriableError('CONNECTION_FAILED', 'away')),
          new ConfigurationError('SIGN_IN_REFUSED', 'refused'),
          new ConfigurationError('SIGN_IN_REFUSED', 'refused'),
          new RetriableError('CONNECTION_FAILED', 'away'),
          page([], { deltaLink: 'd1' }),
          page([], { deltaLink: 'd1' }),
        ],
      },
    });
    await result;
    expect(failures).toEqual(['away', 'refused']);
    expect(clear).toEqual(['All clear: Dynamics 365 can be read again.']);
  });

  it.each([
    ['asks for a column that is gone', new ConfigurationError('UNKNOWN_COLUMN', 'No column "x".')],
    ['is refused for ever', new ConfigurationError('REFUSED_BY_DYNAMICS', 'Refused.')],
    ['leads to another server', new FatalError('FOREIGN_LINK', 'Elsewhere.')],
  ])('reads everything again, and says so, when its stored link %s', async (_what, error) => {
    const { result, failures, saved } = rig({
      pages: {
        d1: [error],
        ids: [page(['a'], { deltaLink: 'safe' })],
        rows: [page(['a'], { deltaLink: 'd9' })],
        safe: [page([], { deltaLink: 'x' })],
        d9: [],
      },
    });
    await result;
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/the whole table is read again/);
    expect(saved.at(-1)!.position).toEqual({ phase: 'delta', link: 'd9' });
  });

  it('does not read the whole table for ever when each full read meets a dead link', async () => {
    const dead = () => new ConfigurationError('REFUSED_BY_DYNAMICS', 'Refused.');
    const { result, log, failures } = rig({
      at: { phase: 'load', link: 'p2', safety: 's', load: 'initial' },
      pages: {
        p2: [dead(), dead(), dead(), dead(), dead()],
        rows: [page(['a'], { nextLink: 'p2' }), page(['a'], { nextLink: 'p2' })],
      },
    });
    await result;
    expect(log.filter((line) => line === 'read rows')).toHaveLength(2);
    expect(failures.filter((text) => /read again/.test(text))).toHaveLength(2);
    expect(failures.at(-1)).toBe('Refused.');
  });

  it('keeps what happened since a load began when a page of the load can not be read any more', async () => {
    const { result, saved } = rig({
      at: { phase: 'load', link: 'p2', safety: 's', load: 'replay' },
      pages: {
        p2: [new ConfigurationError('UNKNOWN_COLUMN', 'No column.')],
        rows: [page([], { deltaLink: 'd1' })],
        s: [],
      },
    });
    await result;
    expect(saved.at(-1)!.position).toEqual({ phase: 'catch-up', link: 's', then: 'd1' });
  });

  it('tells when changes came without a link to go on from, and fetches a new one without losing any', async () => {
    const { result, failures, log, emitted } = rig({
      pages: {
        d1: [page(['a']), page(['b'], { deltaLink: 'unused' })],
        rows: [page(['a', 'b'], { deltaLink: 'd2' })],
        d2: [],
      },
    });
    await result;
    expect(failures).toEqual([expect.stringMatching(/without a link to go on from/)]);
    expect(emitted.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
    expect(log).toEqual(['read d1', 'read rows', 'emit a', 'read d1', 'read d2', 'emit b']);
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
