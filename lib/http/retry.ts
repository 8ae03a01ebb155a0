import { backoffWithJitterMs } from '../core/backoff';

/** What went wrong with one try of a request. */
export type Failure =
  /** The server answered. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterMs: number | undefined;
      readonly text: string;
    }
  /** It did not, or not completely. `sent`: it may have got the request. */
  | { readonly kind: 'connection'; readonly code: string; readonly sent: boolean };

/** All that the decision rests on. */
export interface RetryContext {
  readonly failure: Failure;
  /** This was the n-th try, from 1. */
  readonly attempt: number;
  /** Doing it twice is as good as once. */
  readonly idempotent: boolean;
}

export interface RetryLimits {
  /** Tries in all. */
  readonly attempts: number;
  /** Pause after the first failure, in milliseconds; doubled each time. */
  readonly firstPauseMs: number;
  /** Longest pause of our own. */
  readonly longestPauseMs: number;
  /** A server's `Retry-After` above this is not waited for: the call fails and says how long it would have been. */
  readonly longestRetryAfterMs: number;
}

export const RETRY_LIMITS: RetryLimits = {
  attempts: 6,
  firstPauseMs: 500,
  longestPauseMs: 15_000,
  longestRetryAfterMs: 60_000,
};

/** True when this response of this system may be different the next time. Asked for statuses of 400 and above only. */
export type IsTransient = (failure: Extract<Failure, { kind: 'status' }>, attempt: number) => boolean;

/** 429 and the statuses with which gateways say that the server behind them is away. */
export function isGatewayStatus(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Milliseconds to wait before the next try, or undefined to give up.
 *
 * A request that must not be done twice is repeated only where the server certainly did not do it: on 429 and where no
 * connection came about.
 */
export function pauseBeforeRetry(
  context: RetryContext,
  isTransient: IsTransient,
  random: () => number,
  limits: RetryLimits = RETRY_LIMITS,
): number | undefined {
  const { failure, attempt, idempotent } = context;
  if (attempt >= limits.attempts) return undefined;
  if (failure.kind === 'connection') {
    if (failure.sent && !idempotent) return undefined;
  } else if (failure.status !== 429) {
    if (!idempotent || !isTransient(failure, attempt)) return undefined;
  }
  const asked = failure.kind === 'status' ? failure.retryAfterMs : undefined;
  if (asked !== undefined && asked > limits.longestRetryAfterMs) return undefined;
  const backoff = { firstMs: limits.firstPauseMs, longestMs: limits.longestPauseMs };
  return Math.max(asked ?? 0, backoffWithJitterMs(attempt, backoff, random));
}

/** A server that asks for a longer wait is asked again after this: a slip of its own must not stop a flow for days. */
export const MOST_RETRY_AFTER_MS = 15 * 60_000;

/**
 * `Retry-After` in milliseconds, at most {@link MOST_RETRY_AFTER_MS}: seconds or an HTTP date; undefined when it says nothing usable.
 *
 * @param date the response's own `Date`: with it a date is a span, whatever our clock shows
 * @param now our clock, where the response has no `Date`
 */
export function parseRetryAfter(header: string | undefined, date: string | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.min(MOST_RETRY_AFTER_MS, seconds * 1000) : undefined;
  const until = Date.parse(header);
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(date ?? '');
  return Math.min(MOST_RETRY_AFTER_MS, Math.max(0, until - (Number.isNaN(sent) ? now : sent)));
}
