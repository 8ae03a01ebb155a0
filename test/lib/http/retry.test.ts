import {
  MOST_RETRY_AFTER_MS,
  parseRetryAfter,
  pauseBeforeRetry,
  RETRY_LIMITS,
  type Failure,
} from '../../../lib/http/retry';

const status = (code: number, retryAfterMs?: number): Failure => ({
  kind: 'status',
  status: code,
  retryAfterMs,
  text: '',
});
const dropped = (sent: boolean): Failure => ({ kind: 'connection', code: 'ECONNRESET', sent });
const pause = (failure: Failure, idempotent: boolean, attempt = 1, transient = true) =>
  pauseBeforeRetry(
    { failure, attempt, idempotent },
    () => transient,
    () => 1,
  );

describe('pauseBeforeRetry', () => {
  it.each([
    ['a dropped connection', dropped(true)],
    ['a refused connection', dropped(false)],
    ['429', status(429)],
    ['a transient status', status(503)],
  ])('repeats an idempotent request after %s', (_name, failure) => {
    expect(pause(failure, true)).toBeGreaterThan(0);
  });

  it.each([
    ['a connection that was dropped after it was sent', dropped(true), undefined],
    ['a gateway error', status(502), undefined],
    ['429', status(429), RETRY_LIMITS.firstPauseMs],
    ['a connection that never came about', dropped(false), RETRY_LIMITS.firstPauseMs],
  ])('decides for a request that must not be done twice after %s', (_name, failure, expected) => {
    expect(pause(failure, false)).toBe(expected);
  });

  it('gives up on a permanent response at once', () => {
    expect(pause(status(500), true, 1, false)).toBeUndefined();
  });

  it('doubles its pauses up to a limit and gives up in the end', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((attempt) => pause(status(503), true, attempt));
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, undefined]);
    const long = { ...RETRY_LIMITS, attempts: 20 };
    const context = { failure: status(503), attempt: 12, idempotent: true };
    expect(
      pauseBeforeRetry(
        context,
        () => true,
        () => 1,
        long,
      ),
    ).toBe(RETRY_LIMITS.longestPauseMs);
  });

  it('waits for as long as the server asks, unless that is too long', () => {
    expect(pause(status(429, 9_000), true)).toBe(9_000);
    expect(pause(status(429, RETRY_LIMITS.longestRetryAfterMs + 1), true)).toBeUndefined();
  });

  it('spreads repetitions by chance', () => {
    const context = { failure: status(503), attempt: 1, idempotent: true };
    expect(
      pauseBeforeRetry(
        context,
        () => true,
        () => 0,
      ),
    ).toBe(RETRY_LIMITS.firstPauseMs / 2);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  it.each([
    ['5', 5_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %p as %p ms', (header, expected) => {
    expect(parseRetryAfter(header, undefined, now)).toBe(expected);
  });

  it.each(['99999999', '2000000', '1e300', 'Sat, 21 Nov 2099 10:00:00 GMT'])(
    'waits a quarter of an hour at most, whatever a server says: %s',
    (header) => expect(parseRetryAfter(header, undefined, now)).toBe(MOST_RETRY_AFTER_MS),
  );

  it("reads a date by the server's own clock: ours may be hours behind", () => {
    const [until, date] = ['Sat, 21 Nov 2026 12:00:30 GMT', 'Sat, 21 Nov 2026 12:00:00 GMT'];
    expect(parseRetryAfter(until, date, now)).toBe(30_000);
    expect(parseRetryAfter(until, 'yesterday', now)).toBe(MOST_RETRY_AFTER_MS);
  });
});
