import type { IDataObject, INodeExecutionData, IRun, WorkflowActivateMode } from 'n8n-workflow';
import { ConfigurationError, FatalError, RetriableError } from '../../../lib/core/errors';
import { BeginAgain, type TriggerHost } from '../../../lib/sync/delivery/trigger-host';
import { startTrigger, type TriggerContext, type TriggerStart } from '../../../nodes/shared/start-trigger';
import { processWide } from '../../../nodes/shared/process-wide';
import { TestClock } from '../../support/test-clock';
import { createDeferredPromise } from '../../support/deferred-promise';
import { turn, turns } from '../../support/turn';

interface State {
  readonly at: number;
}

type Run = (host: TriggerHost<State>, signal: AbortSignal) => Promise<void>;

let workflows = 0;

/** n8n around a trigger: what it was told, what its static data holds, and runs that end as scripted. */
function rig(
  more: { runs?: (string | Error)[]; allClear?: 'errorWorkflow' | 'log'; mode?: WorkflowActivateMode } = {},
) {
  const staticData: IDataObject = {};
  const told: string[] = [];
  const emitted: { at: unknown; attempt: number }[] = [];
  const clock = new TestClock();
  const workflow = `w${++workflows}`;
  const runs = more.runs ?? [];
  const context = {
    getNode: () => ({ name: 'Trigger', id: 'n', type: 't', typeVersion: 1, position: [0, 0], parameters: {} }),
    getWorkflow: () => ({ id: workflow }),
    getActivationMode: () => more.mode ?? 'activate',
    getWorkflowStaticData: () => staticData,
    logger: {
      info: (text: string) => told.push(`info ${text}`),
      warn: () => undefined,
      error: (text: string) => told.push(`error ${text}`),
    },
    helpers: { createDeferredPromise },
    saveFailedExecution: (error: Error) => told.push(`failed ${error.message}`),
    emit: (data: INodeExecutionData[][], _: unknown, done: { resolve(run: IRun): void; reject(e: Error): void }) => {
      const { delivery } = data[0]![0]!.json as unknown as { delivery: { attempt: number } };
      emitted.push({ at: (staticData['store:n'] as unknown as State).at, attempt: delivery.attempt });
      const run = runs.shift() ?? 'success';
      setImmediate(() => (run instanceof Error ? done.reject(run) : done.resolve({ status: run } as IRun)));
    },
  } as unknown as TriggerContext;
  const start = (run: Run, begins: Partial<TriggerStart<State>> = {}) =>
    startTrigger<State>(context, 'store', async (stored) => startOf(stored, run, begins), clock);
  const startOf = (stored: unknown, run: Run, begins: Partial<TriggerStart<State>> = {}): TriggerStart<State> => ({
    state: (stored as State | undefined) ?? { at: 0 },
    options: { runMs: 60_000, longestRetryPauseMs: 8_000, allClear: more.allClear ?? 'errorWorkflow' },
    deliveryUntil: null,
    run,
    ...begins,
  });
  return { staticData, told, emitted, clock, context, start, startOf, workflow };
}

const untilStopped: Run = (_host, signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
const settled = () => turns(20);

describe('startTrigger', () => {
  afterEach(() => {
    processWide().progress.clear();
    delete process.env['EXECUTIONS_MODE'];
  });

  it('stores the state at activation, and what the loop saves before each delivery', async () => {
    const { start, staticData, emitted } = rig({ runs: ['error', new Error('timeout'), 'success'] });
    let atActivation: unknown;
    await start(async (host) => {
      atActivation = staticData['store:n'];
      await host.deliver({ number: 1, records: [{ id: 'a' }], onEmit: () => host.save({ at: 7 }) });
      host.save({ at: 8 });
    });
    await settled();
    await settled();
    expect(atActivation).toMatchObject({ at: 0 });
    expect(emitted).toEqual([
      { at: 7, attempt: 1 },
      { at: 7, attempt: 2 },
      { at: 7, attempt: 3 },
    ]);
    expect(staticData['store:n']).toMatchObject({ at: 8 });
  });

  it('is not activated with a wrong setting while somebody looks, and a later start may store again', async () => {
    const { context, clock, start, staticData, told } = rig();
    const wrong = async () => Promise.reject(new ConfigurationError('TABLE_UNKNOWN', 'No table.', { hint: 'Choose.' }));
    await expect(startTrigger(context, 'store', wrong, clock)).rejects.toThrow('No table. Choose. (TABLE_UNKNOWN)');
    expect(staticData['store:n']).toBeUndefined();
    await settled();
    expect(told).toEqual([]);
    await start(untilStopped);
    expect(staticData['store:n']).toMatchObject({ at: 0 });
  });

  it.each<[string, WorkflowActivateMode, Error]>([
    ['an outage while somebody publishes', 'activate', new RetriableError('CONNECTION_FAILED', 'Away.')],
    ['a refused sign-in while somebody publishes', 'activate', new ConfigurationError('SIGN_IN_REFUSED', 'Refused.')],
    ['an outage while n8n starts', 'init', new RetriableError('CONNECTION_FAILED', 'Away.')],
    ['a wrong setting that nobody looks at', 'init', new ConfigurationError('TABLE_UNKNOWN', 'No table.')],
    ['a checkpoint that nobody looks at', 'leadershipChange', new FatalError('CHECKPOINT_UNREADABLE', 'Unreadable.')],
    ['an unforeseen error', 'init', new TypeError('x is not a function')],
  ])('is active in spite of %s, tells of it once, begins when it can, and says so', async (_what, mode, error) => {
    const { context, clock, told, startOf } = rig({ mode });
    let failures = 6;
    let began = 0;
    const { closeFunction } = await startTrigger<State>(
      context,
      'store',
      async (stored) => {
        if (failures-- > 0) throw error;
        began++;
        return startOf(stored, untilStopped);
      },
      clock,
    );
    for (let turn = 0; turn < 5; turn++) await settled();
    expect(began).toBe(1);
    expect(told.filter((text) => text.startsWith('failed'))).toEqual([
      `failed ${error.message}`,
      'failed All clear: the trigger has begun.',
    ]);
    await closeFunction!();
  });

  it('does not hold up n8n while a system gives no response, and begins once it has', async () => {
    const { context, clock, startOf } = rig({ mode: 'init' });
    let respond: () => void = () => undefined;
    let began = false;
    const slow = new Promise<void>((resolve) => (respond = resolve));
    const { closeFunction } = await startTrigger<State>(
      context,
      'store',
      async (stored) => {
        await slow;
        began = true;
        return startOf(stored, untilStopped);
      },
      clock,
    );
    expect(clock.slept).toEqual([10_000]);
    expect(began).toBe(false);
    respond();
    await settled();
    expect(began).toBe(true);
    await closeFunction!();
  });

  it('ends the older loop when a trigger is started twice', async () => {
    const { start } = rig();
    const stopped: string[] = [];
    const loop =
      (name: string): Run =>
      async (host, signal) => {
        await untilStopped(host, signal);
        stopped.push(name);
      };
    await start(loop('older'));
    const { closeFunction } = await start(loop('newer'));
    await settled();
    expect(stopped).toEqual(['older']);
    await closeFunction!();
    expect(stopped).toEqual(['older', 'newer']);
  });

  it('ends the one that was started first when a trigger is started twice, even where that one begins last', async () => {
    const { context, clock, startOf } = rig();
    const works: string[] = [];
    const loop =
      (name: string): Run =>
      async (host, signal) => {
        works.push(`${name} begins`);
        await untilStopped(host, signal);
        works.push(`${name} ends`);
      };
    const slow = createDeferredPromise<void>();
    const first = startTrigger<State>(
      context,
      'store',
      async (stored) => {
        await slow.promise;
        return startOf(stored, loop('first'));
      },
      clock,
    );
    const second = await startTrigger<State>(
      context,
      'store',
      async (stored) => startOf(stored, loop('second')),
      clock,
    );
    slow.resolve();
    await first;
    await settled();
    expect(works).toEqual(['second begins']);
    await second.closeFunction?.();
    expect(works).toEqual(['second begins', 'second ends']);
  });

  it('begins again from the newest state when its loop asks for it, without a word', async () => {
    const { start, told, staticData } = rig();
    const begun: number[] = [];
    const { closeFunction } = await start(async (host, signal) => {
      const { at } = staticData['store:n'] as unknown as State;
      begun.push(at);
      if (at >= 2) return await untilStopped(host, signal);
      host.save({ at: at + 1 });
      throw new BeginAgain();
    });
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    expect(told).toEqual([]);
    await closeFunction!();
  });

  it('in queue mode waits after a crash until the last delivery can no longer write', async () => {
    process.env['EXECUTIONS_MODE'] = 'queue';
    const { start, clock } = rig();
    let began = 0;
    await start(
      async () => {
        began = clock.now();
      },
      { deliveryUntil: '2026-11-21T12:00:30.000Z' },
    );
    await settled();
    expect(clock.slept).toEqual([10_000, 40_000]);
    expect(new Date(began).toISOString()).toBe('2026-11-21T12:00:40.000Z');
  });

  it('begins at once in regular mode: the runs of an earlier process are gone with it', async () => {
    const { start, clock } = rig();
    let began = false;
    await start(
      async () => {
        began = true;
      },
      { deliveryUntil: '2026-11-21T12:00:30.000Z' },
    );
    await settled();
    expect(began).toBe(true);
    expect(clock.slept).toEqual([10_000]);
  });

  it('goes on when its loop ends for a reason that nobody foresaw, and tells of it once', async () => {
    const { start, told, clock } = rig();
    let ends = 4;
    const { closeFunction } = await start(async (host, signal) => {
      if (ends-- > 0) throw new TypeError('x is not a function');
      await untilStopped(host, signal);
    });
    for (let turn = 0; turn < 4; turn++) await settled();
    expect(told).toEqual(['failed x is not a function']);
    expect(clock.slept.slice(-4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    await closeFunction!();
  });

  it('ends quietly when it is stopped, after what the loop is in the middle of', async () => {
    const { start, told, staticData } = rig();
    const { closeFunction } = await start(async (host, signal) => {
      await untilStopped(host, signal);
      await turn();
      host.save({ at: 99 });
    });
    await settled();
    await closeFunction!();
    expect(staticData['store:n']).toMatchObject({ at: 99 });
    expect(told).toEqual([]);
  });

  it('does not wait longer than five seconds for a loop that hangs, and lets it store nothing afterwards', async () => {
    const { start, clock, staticData } = rig();
    let store: ((state: State) => void) | undefined;
    const { closeFunction } = await start((host) => {
      store = host.save;
      return new Promise(() => undefined);
    });
    const before = clock.now();
    await closeFunction!();
    expect(clock.now() - before).toBe(5_000);
    store!({ at: 1000 });
    expect(staticData['store:n']).toMatchObject({ at: 0 });
  });

  it.each([
    ['errorWorkflow', ['info All clear.', 'failed All clear.']],
    ['log', ['info All clear.']],
  ] as const)('tells that an alarm is over: %s', async (allClear, expected) => {
    const { start, told } = rig({ allClear });
    await start(async (host) => host.allClear('All clear.'));
    await settled();
    expect(told).toEqual(expected);
  });
});
