import { Limiter } from '../../../lib/http/limiter';
import { TestClock } from '../../support/test-clock';
import { fakeTime } from '../../support/test-clock';

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('Limiter', () => {
  it('lets no more requests be in flight than set', async () => {
    const limiter = new Limiter({ maxConcurrency: 2, maxPerSecond: 0 }, new TestClock());
    expect(limiter.acquire()).toBeUndefined();
    expect(limiter.acquire()).toBeUndefined();
    const started: string[] = [];
    void limiter.acquire()?.then(() => started.push('third'));
    void limiter.acquire()?.then(() => started.push('fourth'));
    await settled();
    expect(started).toEqual([]);
    limiter.release();
    await settled();
    expect(started).toEqual(['third']);
    limiter.release();
    await settled();
    expect(started).toEqual(['third', 'fourth']);
  });

  it('keeps a distance between starts when a rate is set', async () => {
    const time = fakeTime();
    const limiter = new Limiter({ maxConcurrency: 100, maxPerSecond: 10 }, time.clock);
    const begin = time.clock.now();
    const starts: number[] = [];
    for (let i = 0; i < 5; i++) {
      await limiter.acquire();
      starts.push(time.clock.now() - begin);
    }
    expect(starts).toEqual([0, 100, 200, 300, 400]);
  });

  it('holds everything back for as long as the server asked', async () => {
    const time = fakeTime();
    const limiter = new Limiter({ maxConcurrency: 4, maxPerSecond: 0 }, time.clock);
    const begin = time.clock.now();
    limiter.overloaded(7_000);
    await limiter.acquire();
    expect(time.clock.now() - begin).toBe(7_000);
  });

  it.each([-3_600_000, 3_600_000])(
    'holds back and keeps its rate for as long as before when the clock is set by %d ms meanwhile',
    async (setMs) => {
      const { clock } = fakeTime();
      const limiter = new Limiter({ maxConcurrency: 4, maxPerSecond: 10 }, clock);
      limiter.overloaded(7_000);
      const turn = limiter.acquire();
      clock.jump(setMs);
      await turn;
      expect(clock.elapsed()).toBe(7_000);
      clock.jump(setMs);
      await limiter.acquire();
      expect(clock.elapsed()).toBe(7_100);
    },
  );

  it('halves the parallelism on 429 once for several that come together, and recovers with success', () => {
    const time = fakeTime();
    const limiter = new Limiter({ maxConcurrency: 8, maxPerSecond: 0 }, time.clock);
    limiter.overloaded(0);
    limiter.overloaded(0);
    expect(limiter.parallelism).toBe(4);
    time.clock.advance(2_000);
    limiter.overloaded(0);
    expect(limiter.parallelism).toBe(2);
    for (let i = 0; i < 1_000; i++) limiter.succeeded();
    expect(limiter.parallelism).toBe(8);
  });

  it('never falls below one request', () => {
    const time = fakeTime();
    const limiter = new Limiter({ maxConcurrency: 3, maxPerSecond: 0 }, time.clock);
    for (let i = 0; i < 10; i++) {
      limiter.overloaded(0);
      time.clock.advance(2_000);
    }
    expect(limiter.parallelism).toBe(1);
  });

  it('follows a recommendation downwards, never above the setting', () => {
    const limiter = new Limiter({ maxConcurrency: 10, maxPerSecond: 0 }, new TestClock());
    limiter.recommend(4);
    expect(limiter.parallelism).toBe(4);
    limiter.recommend(50);
    expect(limiter.parallelism).toBe(10);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('passes over a recommendation of %p', (hint) => {
    const limiter = new Limiter({ maxConcurrency: 10, maxPerSecond: 0 }, new TestClock());
    limiter.recommend(hint);
    expect(limiter.parallelism).toBe(10);
  });

  it('takes a request that waits out of the queue when its signal aborts', async () => {
    const limiter = new Limiter({ maxConcurrency: 1, maxPerSecond: 0 }, new TestClock());
    void limiter.acquire();
    const controller = new AbortController();
    const waiting = limiter.acquire(controller.signal);
    const next = limiter.acquire();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    limiter.release();
    await next;
  });

  it.each([0, -1, NaN])('refuses a parallelism of %p', (maxConcurrency) => {
    expect(() => new Limiter({ maxConcurrency, maxPerSecond: 0 }, new TestClock())).toThrow(String(maxConcurrency));
  });
});
