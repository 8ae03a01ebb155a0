import { backoffMs, backoffWithJitterMs } from '../../../lib/core/backoff';

const BACKOFF = { firstMs: 1000, longestMs: 300_000 };

describe('backoffMs', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [9, 256_000],
    [10, 300_000],
    [1_000_000, 300_000],
    [0, 1000],
    [-5, 1000],
  ])('after %i failures pauses %i ms', (failures, ms) => expect(backoffMs(failures, BACKOFF)).toBe(ms));
});

describe('backoffWithJitterMs', () => {
  it.each([
    [0, 1000],
    [0.5, 1500],
    [0.999_999, 2000],
  ])('leaves half of the pause to chance: %d gives %i ms after two failures', (random, ms) =>
    expect(backoffWithJitterMs(2, BACKOFF, () => random)).toBe(ms),
  );
});
