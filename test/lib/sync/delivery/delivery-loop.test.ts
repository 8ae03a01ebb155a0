import type { Delivery } from '../../../../lib/core/change';
import { DeliveryRegistry } from '../../../../lib/sync/delivery/deliveries';
import { deliverUntilDone, GRACE_MS, type DeliveryLoopOptions } from '../../../../lib/sync/delivery/delivery-loop';
import { TestClock } from '../../../support/test-clock';

/** Runs the loop against scripted runs and a clock that only sleeping moves. */
function rig(runs: (string | undefined | 'never' | Error)[], more: Partial<DeliveryLoopOptions> = {}) {
  const clock = new TestClock();
  const emitted: Delivery[] = [];
  const pauses: number[] = [];
  const registry = new DeliveryRegistry();
  const stop = new AbortController();
  const options: DeliveryLoopOptions = {
    trigger: 'w:n',
    number: 3,
    runMs: 60_000,
    runsElsewhere: false,
    longestPauseMs: 8_000,
    signal: stop.signal,
    ...more,
  };
  const result = deliverUntilDone(options, {
    emit: (delivery) => {
      emitted.push(delivery);
      const run = runs[emitted.length - 1];
      if (run === 'never') return new Promise(() => undefined);
      return run instanceof Error ? Promise.reject(run) : Promise.resolve(run);
    },
    clock,
    registry,
    onFailure: ({ pauseMs }) => pauses.push(pauseMs),
  });
  return { result, emitted, pauses, registry, stop };
}

describe('deliverUntilDone', () => {
  it('delivers once when the run succeeds', async () => {
    const { result, emitted } = rig(['success']);
    expect(await result).toBe(1);
    expect(emitted).toHaveLength(1);
    expect(emitted[0]).toMatchObject({ number: 3, attempt: 1, until: '2026-11-21T12:01:00.000Z' });
  });

  it.each(['error', 'crashed', 'canceled', 'waiting', 'running', 'new', 'unknown', undefined])(
    'takes %p for not done and delivers the same batch again',
    async (status) => {
      const { result, emitted } = rig([status, 'success']);
      expect(await result).toBe(2);
      expect(emitted.map((d) => d.attempt)).toEqual([1, 2]);
      expect(emitted.every((d) => d.number === 3)).toBe(true);
    },
  );

  it('delivers again when n8n gives the run up', async () => {
    const { result } = rig([new Error('timeout'), 'success']);
    expect(await result).toBe(2);
  });

  it('waits out the time of a run that was given up when it may be at work in another process', async () => {
    const { result, emitted } = rig([new Error('cancelled'), 'success'], { runsElsewhere: true });
    await result;
    const firstUntil = Date.parse(emitted[0]!.until);
    expect(Date.parse(emitted[1]!.until) - 60_000).toBeGreaterThanOrEqual(firstUntil + GRACE_MS);
  });

  it('delivers again after its own deadline when the run never reports, and never before the run may no longer write', async () => {
    const { result, emitted, registry } = rig(['never', 'success']);
    expect(await result).toBe(2);
    const secondStart = Date.parse(emitted[1]!.until) - 60_000;
    expect(secondStart).toBeGreaterThanOrEqual(Date.parse(emitted[0]!.until) + GRACE_MS);
    expect(registry.mayWrite(emitted[0], secondStart)).toBe(false);
  });

  it('lets only the latest attempt write', async () => {
    const { result, emitted, registry } = rig(['error', 'success']);
    await result;
    const now = Date.parse(emitted[1]!.until) - 1;
    expect(registry.mayWrite(emitted[0], Date.parse(emitted[0]!.until) - 1)).toBe(false);
    expect(registry.mayWrite(emitted[1], now)).toBe(true);
    expect(registry.mayWrite(emitted[1], now + 1)).toBe(false);
  });

  it('never gives up, with pauses that grow to a limit', async () => {
    const { result, pauses } = rig([...Array<string>(6).fill('error'), 'success']);
    expect(await result).toBe(7);
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('ends when it is stopped while a run is under way', async () => {
    const { result, stop, emitted } = rig(['never'], { runMs: 2 ** 40 });
    stop.abort();
    await expect(result).rejects.toThrow();
    expect(emitted).toHaveLength(1);
  });
});
