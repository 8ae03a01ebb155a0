import { backoffMs } from '../../core/backoff';
import type { Change } from '../../core/change';
import { RetriableError, SyncError } from '../../core/errors';
import { FIRST_PAUSE_MS } from '../delivery/delivery-loop';
import type { TriggerHost } from '../delivery/trigger-host';
import { readStep, type ChangeSource, type FeedStep } from './change-feed';
import type { Checkpoint } from './checkpoint';
import { DeltaTokenExpiredError } from './delta-token-expired';

export interface FeedLoopOptions {
  /** Rows per batch. */
  readonly batchSize: number;
  /** Pauses between polls that found nothing grow from one second to this, in milliseconds. */
  readonly longestPollPauseMs: number;
  /** Pauses between attempts that failed grow from one second to this, in milliseconds. */
  readonly longestRetryPauseMs: number;
  readonly signal: AbortSignal;
}

/** Failures in a row after which the people in charge hear of it. */
const TRIES_BEFORE_REPORT = 3;

/**
 * Follows a table from the checkpoint on and delivers batch after batch, until `signal` aborts.
 *
 * While a batch is being worked on the next page is already read, which moves nothing: only a run that ended with success moves the
 * checkpoint.
 */
export class FeedLoop {
  constructor(
    private checkpoint: Checkpoint,
    private readonly source: ChangeSource,
    private readonly options: FeedLoopOptions,
    private readonly host: TriggerHost<Checkpoint>,
  ) {}

  /**
   * Works until the signal aborts; resolves then. Faults of the source are waited out.
   *
   * @throws what neither waiting nor a full read can mend
   */
  async run(): Promise<void> {
    try {
      await this.follow();
    } catch (error) {
      if (!this.options.signal.aborted) throw error;
    }
  }

  private async follow(): Promise<never> {
    const { host, options } = this;
    let idlePolls = 0;
    let ahead: Promise<FeedStep> | undefined;
    for (;;) {
      const reading = ahead ?? this.readPatiently(this.checkpoint);
      ahead = undefined;
      const step = await reading;
      if (step.changes.length > 0) {
        // A full read goes on whatever happens meanwhile; the end of a delta is read anew after the batch.
        if (!step.idle) {
          ahead = this.readPatiently({ ...this.checkpoint, position: step.next });
          ahead.catch(() => undefined);
        }
        await this.deliver(step.changes);
      }
      this.checkpoint = { ...this.checkpoint, position: step.next };
      host.save(this.checkpoint);
      // Changes that were just delivered are a sign of more; then the pauses grow.
      idlePolls = step.idle && step.changes.length === 0 ? idlePolls + 1 : 0;
      if (step.idle) await host.clock.sleep(this.pauseMs(idlePolls + 1, options.longestPollPauseMs), options.signal);
    }
  }

  /** Delivers the changes until their run succeeded; the checkpoint is still at the position before the batch. */
  private async deliver(changes: readonly Change[]): Promise<void> {
    const number = this.checkpoint.delivery + 1;
    await this.host.deliver({
      number,
      records: changes,
      onEmit: (deliveryUntil) => this.host.save({ ...this.checkpoint, delivery: number, deliveryUntil }),
    });
    this.checkpoint = { ...this.checkpoint, delivery: number, deliveryUntil: null };
  }

  /**
   * Reads a step; tries again for as long as Dynamics 365 can't be read, and tells of it once per incident. An expired delta token
   * turns into a full read.
   */
  private async readPatiently(from: Checkpoint): Promise<FeedStep> {
    const { host, options, source } = this;
    let { position } = from;
    for (let failures = 1; ; failures++) {
      options.signal.throwIfAborted();
      try {
        const step = await readStep(source, position, options.batchSize, options.signal);
        if (failures > TRIES_BEFORE_REPORT)
          host.log('info', 'Dynamics 365 can be read again', { failures: failures - 1 });
        return step;
      } catch (error) {
        options.signal.throwIfAborted();
        if (error instanceof DeltaTokenExpiredError) {
          host.log('warn', 'The delta token has expired: the whole table is read again');
          host.report(error);
          position = { phase: 'safety-token', link: null, load: 'expired' };
          continue;
        }
        // What waiting can't mend is told at once, and tried again all the same: the user may mend it in Dynamics 365.
        const isPassing = error instanceof RetriableError;
        if (failures === (isPassing ? TRIES_BEFORE_REPORT : 1)) host.report(error);
        const askedMs = isPassing ? (error.retryAfterMs ?? 0) : 0;
        const pauseMs = Math.max(askedMs, this.pauseMs(failures, options.longestRetryPauseMs));
        host.log('warn', 'Dynamics 365 could not be read; trying again', {
          code: error instanceof SyncError ? error.code : 'UNEXPECTED',
          reason: error instanceof Error ? error.message : 'unknown',
          againInSeconds: pauseMs / 1000,
        });
        await host.clock.sleep(pauseMs, options.signal);
      }
    }
  }

  private pauseMs(failures: number, longestMs: number): number {
    return backoffMs(failures, { firstMs: FIRST_PAUSE_MS, longestMs });
  }
}
