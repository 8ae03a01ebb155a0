import { getEventListeners } from 'node:events';
import { systemClock } from '../../../lib/core/clock';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

describe("the machine's clock", () => {
  beforeEach(() => jest.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00Z') }));
  afterEach(() => jest.useRealTimers());

  it('has the time of the machine', () => {
    expect(systemClock.now()).toBe(Date.parse('2026-11-21T12:00:00Z'));
    jest.advanceTimersByTime(1_500);
    expect(systemClock.now()).toBe(Date.parse('2026-11-21T12:00:01.500Z'));
  });

  describe('sleep', () => {
    /** What became of a sleep, as far as it is known. */
    function watched(ms: number, signal?: AbortSignal) {
      const seen: { end: unknown } = { end: 'asleep' };
      systemClock.sleep(ms, signal).then(
        () => (seen.end = 'over'),
        (error: unknown) => (seen.end = error),
      );
      return seen;
    }

    it.each([1, 1_000, LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 3 * LONGEST_TIMER_MS + 7])(
      'is over after %i ms, and not before',
      async (ms) => {
        const seen = watched(ms);
        await jest.advanceTimersByTimeAsync(ms - 1);
        expect(seen.end).toBe('asleep');
        await jest.advanceTimersByTimeAsync(1);
        expect(seen.end).toBe('over');
        expect(jest.getTimerCount()).toBe(0);
      },
    );

    it.each([0, -1, -Infinity, NaN])('is over at once where it is to last %p ms', async (ms) => {
      const seen = watched(ms);
      await jest.advanceTimersByTimeAsync(1);
      expect(seen.end).toBe('over');
      expect(jest.getTimerCount()).toBe(0);
    });

    it("ends with the signal's reason when it aborts, and leaves neither timer nor listener", async () => {
      const stop = new AbortController();
      const reason = new Error('The workflow was stopped.');
      const seen = watched(2 * LONGEST_TIMER_MS, stop.signal);
      await jest.advanceTimersByTimeAsync(LONGEST_TIMER_MS + 1);
      stop.abort(reason);
      await jest.advanceTimersByTimeAsync(0);
      expect(seen.end).toBe(reason);
      expect(jest.getTimerCount()).toBe(0);
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    });

    it('does not begin when the signal has aborted already', async () => {
      const reason = new Error('The workflow was stopped.');
      await expect(systemClock.sleep(1_000, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('leaves no listener when it is over', async () => {
      const stop = new AbortController();
      const seen = watched(1_000, stop.signal);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(seen.end).toBe('over');
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    });
  });

  describe('after', () => {
    it.each([1, 1_000, LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 3 * LONGEST_TIMER_MS + 7])(
      'calls back once, %i ms later',
      (ms) => {
        const callback = jest.fn();
        systemClock.after(ms, callback);
        jest.advanceTimersByTime(ms - 1);
        expect(callback).not.toHaveBeenCalled();
        jest.advanceTimersByTime(1 + 10 * LONGEST_TIMER_MS);
        expect(callback).toHaveBeenCalledTimes(1);
      },
    );

    it.each([0, 1, 2])('does not call back once it is cancelled, %i timers on', (timers) => {
      const callback = jest.fn();
      const cancel = systemClock.after(4 * LONGEST_TIMER_MS, callback);
      jest.advanceTimersByTime(timers * LONGEST_TIMER_MS);
      cancel();
      expect(jest.getTimerCount()).toBe(0);
      jest.advanceTimersByTime(10 * LONGEST_TIMER_MS);
      expect(callback).not.toHaveBeenCalled();
    });
  });
});
