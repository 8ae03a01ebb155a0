import { backoffMs } from '../../core/backoff';
import { RetriableError, SyncError } from '../../core/errors';
import { tellable } from '../../core/redact';
import { FIRST_PAUSE_MS } from './delivery-loop';
import type { TriggerHost } from './trigger-host';

/**
 * Asking whether it is over costs one request; so the pauses stay short however long the outage was, and both sides are equal within a minute
 * after it is mended.
 */
const LONGEST_PAUSE_MS = 20_000;

/** Failures in a row after which the people in charge hear of what may pass by itself. */
const TRIES_BEFORE_REPORT = 3;

/**
 * What hinders a trigger for now. The people in charge hear of it once: of what waiting can't mend at once, of what may pass by itself after
 * some tries; of another cause they hear as well. When it is over they hear that, once.
 */
export class Outage {
  private failures = 0;
  private readonly told = new Set<string>();

  /**
   * @param trouble what can't be done, as a sentence without its full stop, for the log
   * @param over what is said when it is over
   */
  constructor(
    private readonly host: Pick<TriggerHost<never>, 'report' | 'allClear' | 'log'>,
    private readonly trouble: string,
    private readonly over: string,
  ) {}

  /**
   * Something failed.
   *
   * @param longestPauseMs of the pauses, which grow from one second to 20 seconds at most
   * @returns how long to wait before the next try, in milliseconds: at least as long as the server asks
   */
  failed(error: unknown, longestPauseMs: number): number {
    this.failures++;
    const code = error instanceof SyncError ? error.code : 'UNEXPECTED';
    const mayPass = error instanceof RetriableError;
    if (!this.told.has(code) && (!mayPass || this.failures >= TRIES_BEFORE_REPORT)) {
      this.told.add(code);
      this.host.report(error);
    }
    const askedMs = mayPass ? (error.retryAfterMs ?? 0) : 0;
    const pauseMs = Math.max(
      askedMs,
      backoffMs(this.failures, {
        firstMs: FIRST_PAUSE_MS,
        longestMs: Math.min(longestPauseMs, LONGEST_PAUSE_MS),
      }),
    );
    this.host.log('warn', `${this.trouble}; trying again`, {
      code,
      reason: tellable(error),
      againInSeconds: pauseMs / 1000,
    });
    return pauseMs;
  }

  /** It works (again). */
  worked(): void {
    if (this.told.size > 0) this.host.allClear(this.over);
    else if (this.failures > 0) this.host.log('info', this.over);
    this.failures = 0;
    this.told.clear();
  }
}
