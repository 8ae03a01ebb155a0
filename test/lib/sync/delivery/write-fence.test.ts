import { getEventListeners } from 'node:events';
import type { Delivery } from '../../../../lib/core/change';
import { systemClock } from '../../../../lib/core/clock';
import { RetriableError } from '../../../../lib/core/errors';
import { DeliveryRegistry } from '../../../../lib/sync/delivery/deliveries';
import { CANCEL_GRACE_MS, WriteFence } from '../../../../lib/sync/delivery/write-fence';
import { TestClock } from '../../../support/test-clock';
import { thrown } from '../../../support/errors';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

describe('WriteFence', () => {
  let clock: TestClock;
  let deliveries: DeliveryRegistry;
  let cancel: AbortController;
  beforeEach(() => {
    clock = new TestClock();
    deliveries = new DeliveryRegistry();
    cancel = new AbortController();
  });

  /** A delivery whose time is over in so many milliseconds, or at the time given. */
  const delivery = (until: number | string, more: Partial<Delivery> = {}): Delivery => ({
    trigger: 'w:n',
    number: 7,
    attempt: 1,
    until: typeof until === 'string' ? until : new Date(clock.now() + until).toISOString(),
    ...more,
  });
  const fenceOf = (...delivered: (Delivery | undefined)[]) =>
    new WriteFence(deliveries, clock, cancel.signal, delivered);
  /** Moves the time to just before a moment, and then to it: what the signal is at both. */
  function around(fence: WriteFence, ms: number): boolean[] {
    clock.advance(ms - 1);
    const before = fence.signal.aborted;
    clock.advance(1);
    return [before, fence.signal.aborted];
  }

  describe('lets a write start', () => {
    it('for an item that no trigger delivered', () => {
      const fence = fenceOf(undefined);
      expect(() => fence.check(undefined)).not.toThrow();
    });

    it('for the delivery that is in force, to its last millisecond', () => {
      const current = delivery(60_000);
      deliveries.begin(current);
      const fence = fenceOf(current);
      clock.advance(59_999);
      expect(() => fence.check(current)).not.toThrow();
      clock.advance(1);
      expect(thrown(() => fence.check(current)).code).toBe('DELIVERY_SUPERSEDED');
    });

    it('for a delivery of a trigger that this process has not seen', () => {
      deliveries.begin(delivery(60_000, { trigger: 'another:one', number: 8 }));
      const elsewhere = delivery(60_000);
      expect(() => fenceOf(elsewhere).check(elsewhere)).not.toThrow();
    });
  });

  describe('lets no write start', () => {
    it.each<[string, Partial<Delivery>]>([
      ['was delivered again', { attempt: 2 }],
      ['was followed by another', { number: 8 }],
    ])('for a batch that %s, and says what to do', (_, later) => {
      const first = delivery(60_000);
      deliveries.begin(first);
      const fence = fenceOf(first);
      deliveries.begin({ ...first, ...later });
      const error = thrown(() => fence.check(first));
      expect(error).toBeInstanceOf(RetriableError);
      expect(error.code).toBe('DELIVERY_SUPERSEDED');
      expect(error.hint).toContain('smaller batches');
    });

    it('once the execution is cancelled, not even for an item that no trigger delivered', () => {
      const fence = fenceOf(undefined);
      cancel.abort();
      const error = thrown(() => fence.check(undefined));
      expect(error).toBeInstanceOf(RetriableError);
      expect(error.code).toBe('ABORTED');
    });

    it.each(['', 'tomorrow', '2026-13-01T00:00:00Z', 'NaN'])('for a delivery whose time is %j', (until) => {
      const unreadable = delivery(until);
      const fence = fenceOf(unreadable);
      expect(thrown(() => fence.check(unreadable)).code).toBe('DELIVERY_SUPERSEDED');
    });
  });

  describe('cuts what is being written', () => {
    it("when the delivery's time is over, and not before", () => {
      expect(around(fenceOf(delivery(60_000)), 60_000)).toEqual([false, true]);
    });

    it.each([
      ['first', [10_000, 20_000, 30_000]],
      ['in the middle', [30_000, 10_000, 20_000]],
      ['last', [30_000, 20_000, 10_000]],
    ])('at the earliest time of several deliveries, here the %s', (_, times) => {
      expect(around(fenceOf(...times.map((ms) => delivery(ms))), 10_000)).toEqual([false, true]);
    });

    it('at the earliest time even if items without a delivery, or with an unreadable time, stand between', () => {
      const fence = fenceOf(undefined, delivery('tomorrow'), delivery(30_000), undefined, delivery(10_000));
      expect(around(fence, 10_000)).toEqual([false, true]);
    });

    it.each([0, -1, -YEAR_MS])('at once if the time was over %i ms from now', (ms) => {
      const fence = fenceOf(delivery(ms));
      clock.advance(0);
      expect(fence.signal.aborted).toBe(true);
    });

    it('never by itself where no item was delivered', () => {
      const fence = fenceOf(undefined, undefined);
      clock.advance(100 * YEAR_MS);
      expect(fence.signal.aborted).toBe(false);
    });

    it('only after a grace when the execution is cancelled, as a request that is cut may still be carried out', () => {
      const fence = fenceOf(delivery(YEAR_MS));
      clock.advance(5_000);
      cancel.abort();
      expect(around(fence, CANCEL_GRACE_MS)).toEqual([false, true]);
    });

    it('after the same grace if the execution was cancelled before', () => {
      cancel.abort();
      expect(around(fenceOf(undefined), CANCEL_GRACE_MS)).toEqual([false, true]);
    });

    it('within the grace still when the time of the delivery is over', () => {
      const fence = fenceOf(delivery(5_000));
      cancel.abort();
      expect(around(fence, 5_000)).toEqual([false, true]);
    });

    it('without a signal to cancel it too', () => {
      const fence = new WriteFence(deliveries, clock, undefined, [delivery(60_000)]);
      expect(around(fence, 60_000)).toEqual([false, true]);
    });
  });

  describe('closed', () => {
    it.each([
      ['by itself', () => undefined],
      ['after the execution was cancelled', () => cancel.abort()],
    ])('%s leaves no timer and no listener, and cuts nothing any more', (_, happens) => {
      const fence = fenceOf(delivery(60_000));
      expect(clock.pending).toBe(1);
      happens();
      fence.close();
      expect(clock.pending).toBe(0);
      expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
      clock.advance(YEAR_MS);
      expect(fence.signal.aborted).toBe(false);
    });

    it('begins no grace when the execution is cancelled afterwards', () => {
      const fence = fenceOf(delivery(60_000));
      fence.close();
      cancel.abort();
      expect(clock.pending).toBe(0);
    });
  });

  describe('on the clock of the machine', () => {
    beforeEach(() => jest.useFakeTimers({ now: clock.now() }));
    afterEach(() => jest.useRealTimers());

    it.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 3 * YEAR_MS])(
      'keeps a time that is over in %i ms, longer than a timer takes or not',
      (ms) => {
        const fence = new WriteFence(deliveries, systemClock, undefined, [delivery(ms)]);
        jest.advanceTimersByTime(ms - 1);
        expect(fence.signal.aborted).toBe(false);
        jest.advanceTimersByTime(1);
        expect(fence.signal.aborted).toBe(true);
      },
    );

    it('leaves no timer when it is closed in the middle of a long time', () => {
      const fence = new WriteFence(deliveries, systemClock, undefined, [delivery(3 * YEAR_MS)]);
      jest.advanceTimersByTime(YEAR_MS);
      expect(jest.getTimerCount()).toBe(1);
      fence.close();
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
