import type { INodeExecutionData, IRun } from 'n8n-workflow';
import {
  deliverBatch,
  waitForEarlierRun,
  type DeliveryHost,
  type DeliveryOptions,
} from '../../../nodes/shared/deliver-batch';
import { TestClock } from '../../support/test-clock';
import { createDeferredPromise } from '../../support/deferred-promise';
import { turn } from '../../support/turn';

interface Run {
  resolve(run: IRun | undefined): void;
  reject(error: Error): void;
}

let counter = 0;

/** A host that writes down what happens in which order; a run ends when the test ends it, or at once when it is scripted. */
function rig(more: Partial<DeliveryOptions> = {}, scripted: (string | Error)[] = []) {
  const log: string[] = [];
  const emitted: INodeExecutionData[][] = [];
  const runs: Run[] = [];
  const stop = new AbortController();
  let whileEmitting: () => unknown = () => undefined;
  const host = {
    logger: {
      info: (message: string) => log.push(message),
      warn: (_message: string, facts: object) => log.push(`refused ${JSON.stringify(facts)}`),
    },
    helpers: { createDeferredPromise },
    emit: ([items]: INodeExecutionData[][], _response: unknown, run: Run) => {
      log.push('emit');
      emitted.push(items!);
      runs.push(run);
      whileEmitting();
      const end = scripted.shift();
      if (end instanceof Error) run.reject(end);
      else if (end !== undefined) run.resolve({ status: end } as IRun);
    },
  } as unknown as DeliveryHost;
  const options: DeliveryOptions = {
    trigger: `w:n${counter++}`,
    runMs: 60_000,
    queueMode: false,
    longestRetryPauseMs: 8_000,
    signal: stop.signal,
    ...more,
  };
  /** Sleeps that are shorter than a run are over at once; longer ones never end. */
  const clock = new TestClock({ skipsBelowMs: options.runMs });
  const deliver = async (records: object[]) =>
    await deliverBatch(host, { number: 7, records, onEmit: (until) => log.push(`save ${until}`) }, options, clock);
  const wait = async (until: string | null) => await waitForEarlierRun(host, until, options, clock);
  return {
    log,
    emitted,
    runs,
    slept: clock.slept,
    clock,
    stop,
    deliver,
    wait,
    during: (action: () => unknown) => (whileEmitting = action),
  };
}

describe('a batch that a trigger delivers', () => {
  it('becomes one item per record, each with its delivery', async () => {
    const { deliver, emitted } = rig({}, ['success']);
    await deliver([{ id: 'a' }, { id: 'b' }]);
    const delivery = { number: 7, attempt: 1, until: '2026-11-21T12:01:00.000Z' };
    expect(emitted).toEqual([
      [
        { json: { id: 'a', delivery: expect.objectContaining(delivery) } },
        { json: { id: 'b', delivery: expect.objectContaining(delivery) } },
      ],
    ]);
  });

  it('is saved directly before each handing over to n8n, with the time until which that run may write', async () => {
    const { deliver, log } = rig({}, ['error', 'success']);
    await deliver([{ id: 'a' }]);
    expect(log.filter((line) => !line.startsWith('refused'))).toEqual([
      'save 2026-11-21T12:01:00.000Z',
      'emit',
      'save 2026-11-21T12:01:01.000Z',
      'emit',
      'The batch was accepted',
    ]);
  });

  it.each([['error'], ['crashed'], ['canceled'], [new Error('given up')]])(
    'comes again after a run that ended with %p',
    async (end) => {
      const { deliver, emitted, log } = rig({}, [end, 'success']);
      await deliver([{ id: 'a' }]);
      expect(emitted.map(([item]) => item!.json)).toMatchObject([
        { delivery: { attempt: 1 } },
        { delivery: { attempt: 2 } },
      ]);
      expect(log.find((line) => line.startsWith('refused'))).toContain('"delivery":7,"attempt":1,"records":1');
    },
  );

  it('is not done before its run has ended', async () => {
    const { deliver, runs } = rig();
    let done = false;
    const delivered = deliver([{ id: 'a' }]).then(() => (done = true));
    await turn();
    expect(done).toBe(false);
    runs[0]!.resolve({ status: 'success' } as IRun);
    await delivered;
  });

  it('ends with the stop of the trigger, however its run is doing', async () => {
    const { deliver, stop, emitted } = rig();
    const delivered = deliver([{ id: 'a' }]);
    await turn();
    stop.abort(new Error('closed'));
    await expect(delivered).rejects.toThrow('closed');
    expect(emitted).toHaveLength(1);
  });
});

describe('a trigger that was started again', () => {
  it.each([['success'], ['error'], [new Error('given up')]])(
    'waits for the run that its predecessor has under way, which ends with %p',
    async (end) => {
      const trigger = `w:restarted${counter++}`;
      const before = rig({ trigger });
      const delivered = before.deliver([{ id: 'a' }]);
      await turn();
      before.stop.abort(new Error('closed'));
      await expect(delivered).rejects.toThrow('closed');

      const after = rig({ trigger });
      let over = false;
      const waiting = after.wait(null).then(() => (over = true));
      await turn();
      expect(over).toBe(false);
      if (end instanceof Error) before.runs[0]!.reject(end);
      else before.runs[0]!.resolve({ status: end } as IRun);
      await waiting;

      await after.wait(null);
      expect(after.log).toEqual(['Waiting for the run of the last delivery to end before the next one']);
    },
  );

  it('leaves no timer behind once the run has ended', async () => {
    const trigger = `w:restarted${counter++}`;
    const before = rig({ trigger });
    const delivered = before.deliver([{ id: 'a' }]).catch(() => undefined);
    await turn();
    before.stop.abort(new Error('closed'));
    await delivered;

    const after = rig({ trigger });
    const waiting = after.wait(null);
    await turn();
    expect(after.clock.pending).toBe(1);
    before.runs[0]!.resolve({ status: 'success' } as IRun);
    await waiting;
    await turn();
    expect(after.clock.pending).toBe(0);
  });

  it('waits for a run that never ends no longer than a run may take, and not at all once it is stopped itself', async () => {
    const trigger = `w:restarted${counter++}`;
    const before = rig({ trigger });
    const delivered = before.deliver([{ id: 'a' }]).catch(() => undefined);
    await turn();
    before.stop.abort(new Error('closed'));
    await delivered;

    const after = rig({ trigger });
    const waiting = after.wait('2999-01-01T00:00:00Z');
    await turn();
    expect(after.slept).toEqual([70_000]);
    after.clock.advance(70_000);
    await waiting;

    const stopped = rig({ trigger });
    const refused = stopped.wait(null);
    stopped.stop.abort(new Error('closed'));
    await expect(refused).rejects.toThrow('closed');
  });

  it.each([
    ['lies far ahead', '2999-01-01T00:00:00Z'],
    ['was stored before the clock was set back', '2026-11-21T14:00:00Z'],
    ['can not be read', 'soon'],
  ])('waits in queue mode no longer than a run may take where the stored time %s', async (_what, until) => {
    const { wait, slept, clock } = rig({ queueMode: true });
    const waiting = wait(until);
    await turn();
    clock.advance(70_000);
    await waiting;
    expect(slept).toEqual([70_000]);
  });

  it('knows of a run before that run can begin', async () => {
    const { deliver, wait, during, log } = rig({}, ['success']);
    const waits: Promise<void>[] = [];
    during(() => waits.push(wait(null)));
    await deliver([{ id: 'a' }]);
    await Promise.all(waits);
    expect(log).toContain('Waiting for the run of the last delivery to end before the next one');
  });

  it('waits in queue mode until a worker that lived on can no longer write', async () => {
    const { wait, slept } = rig({ queueMode: true });
    await wait('2026-11-21T12:00:30.000Z');
    expect(slept).toEqual([40_000]);
  });

  it.each([
    ['in regular mode, where runs are gone with their process', false, '2026-11-21T12:00:30.000Z'],
    ['when the last delivery had ended', true, null],
    ['when the time of the last delivery is over', true, '2026-11-21T11:59:50.000Z'],
  ])('starts at once %s', async (_when, queueMode, until) => {
    const { wait, slept, log } = rig({ queueMode });
    await wait(until);
    expect(slept).toEqual([]);
    expect(log).toEqual([]);
  });
});
