import type { IDataObject, INodeExecutionData, IRun } from 'n8n-workflow';
import { ConfigurationError } from '../../../lib/core/errors';
import type { TriggerHost } from '../../../lib/sync/delivery/trigger-host';
import { startTrigger, type TriggerContext, type TriggerStart } from '../../../nodes/shared/start-trigger';
import { triggerProgress } from '../../../nodes/shared/trigger-progress';
import { TestClock } from '../../support/test-clock';
import { createDeferredPromise } from '../../support/deferred-promise';
import { turn, turns } from '../../support/turn';

interface State {
  readonly at: number;
}

type Run = (host: TriggerHost<State>, signal: AbortSignal) => Promise<void>;

let workflows = 0;

/** n8n around a trigger: what it was told, what its static data holds, and runs that end as scripted. */
function rig(more: { runs?: (string | Error)[]; allClear?: 'errorWorkflow' | 'log' } = {}) {
  const staticData: IDataObject = {};
  const told: string[] = [];
  const emitted: { at: unknown; attempt: number }[] = [];
  const clock = new TestClock();
  const workflow = `w${++workflows}`;
  const runs = more.runs ?? [];
  const context = {
    getNode: () => ({ name: 'Trigger', id: 'n', type: 't', typeVersion: 1, position: [0, 0], parameters: {} }),
    getWorkflow: () => ({ id: workflow }),
    getWorkflowStaticData: () => staticData,
    logger: {
      info: (text: string) => told.push(`info ${text}`),
      warn: () => undefined,
      error: (text: string) => told.push(`error ${text}`),
    },
    helpers: { createDeferredPromise },
    saveFailedExecution: (error: Error) => told.push(`failed ${error.message}`),
    emitError: (error: Error) => told.push(`ended ${error.message}`),
    emit: (data: INodeExecutionData[][], _: unknown, done: { resolve(run: IRun): void; reject(e: Error): void }) => {
      const { delivery } = data[0]![0]!.json as unknown as { delivery: { attempt: number } };
      emitted.push({ at: (staticData['store:n'] as unknown as State).at, attempt: delivery.attempt });
      const run = runs.shift() ?? 'success';
      setImmediate(() => (run instanceof Error ? done.reject(run) : done.resolve({ status: run } as IRun)));
    },
  } as unknown as TriggerContext;
  const start = (run: Run, begins: Partial<TriggerStart<State>> = {}) =>
    startTrigger<State>(
      context,
      'store',
      { runMs: 60_000, longestRetryPauseMs: 8_000, allClear: more.allClear ?? 'errorWorkflow' },
      async (stored) => ({ state: (stored as State | undefined) ?? { at: 0 }, deliveryUntil: null, run, ...begins }),
      clock,
    );
  return { staticData, told, emitted, clock, context, start, workflow };
}

const untilStopped: Run = (_host, signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
const settled = () => turns(20);

describe('startTrigger', () => {
  afterEach(() => {
    triggerProgress.clear();
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
    expect(atActivation).toMatchObject({ at: 0 });
    await settled();
    await settled();
    expect(emitted).toEqual([
      { at: 7, attempt: 1 },
      { at: 7, attempt: 2 },
      { at: 7, attempt: 3 },
    ]);
    expect(staticData['store:n']).toMatchObject({ at: 8 });
  });

  it('is not activated when the stored state can not be read, and a later start may store again', async () => {
    const { context, clock, start, staticData } = rig();
    const options = { runMs: 1, longestRetryPauseMs: 1, allClear: 'log' } as const;
    const unreadable = async () => Promise.reject(new ConfigurationError('CHECKPOINT_UNREADABLE', 'No.'));
    await expect(startTrigger(context, 'store', options, unreadable, clock)).rejects.toThrow('No.');
    expect(staticData['store:n']).toBeUndefined();
    await start(untilStopped);
    expect(staticData['store:n']).toMatchObject({ at: 0 });
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
    expect(clock.slept).toEqual([40_000]);
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
    expect(clock.slept).toEqual([]);
  });

  it('tells n8n when the loop ends for a reason that nobody foresaw', async () => {
    const { start, told } = rig();
    await start(async () => {
      throw new TypeError('x is not a function');
    });
    await settled();
    expect(told).toEqual(['error The trigger stopped for an unexpected reason', 'ended x is not a function']);
  });

  it('ends quietly when it is stopped, after what the loop is in the middle of', async () => {
    const { start, told, staticData } = rig();
    const { closeFunction } = await start(async (host, signal) => {
      await untilStopped(host, signal);
      await turn();
      host.save({ at: 99 });
    });
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
