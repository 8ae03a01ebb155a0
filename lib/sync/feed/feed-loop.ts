import { backoffMs } from '../../core/backoff';
import type { Change } from '../../core/change';
import { FatalError } from '../../core/errors';
import { FIRST_PAUSE_MS } from '../delivery/delivery-loop';
import { Outage } from '../delivery/outage';
import { BeginAgain, type TriggerHost } from '../delivery/trigger-host';
import { readStep, type ChangeSource, type FeedStep } from './change-feed';
import type { Checkpoint } from './checkpoint';
import { isLinkDead, linkRefused, readAnew } from './dead-link';
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

/** A link that dies in the middle of each full read must not have the whole table read again and again. */
const MOST_READS_ANEW = 2;

/**
 * Follows a table from the checkpoint on and delivers batch after batch, until `signal` aborts.
 *
 * While a batch is being worked on the next page is already read, which moves nothing: only a run that ended with success moves the
 * checkpoint.
 */
export class FeedLoop {
  private readonly outage: Outage;
  /** Full reads since the last time that there was nothing more to read. */
  private readsAnew = 0;

  constructor(
    private checkpoint: Checkpoint,
    private readonly source: ChangeSource,
    private readonly options: FeedLoopOptions,
    private readonly host: TriggerHost<Checkpoint>,
  ) {
    this.outage = new Outage(host, 'Dynamics 365 could not be read', 'All clear: Dynamics 365 can be read again.');
  }

  /**
   * Works until the signal aborts; resolves then. Faults of the source are waited out.
   *
   * @throws BeginAgain
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
   * Reads a step; tries again for as long as Dynamics 365 can't be read, and tells of it once per outage. A link that can't be read any more
   * turns into a full read.
   */
  private async readPatiently(from: Checkpoint): Promise<FeedStep> {
    const { host, options, source } = this;
    let { position } = from;
    for (;;) {
      options.signal.throwIfAborted();
      try {
        const step = await readStep(source, position, options.batchSize, options.signal);
        this.outage.worked();
        if (step.idle) this.readsAnew = 0;
        if (position.phase === 'delta' && step.next.phase === 'load') host.report(noDeltaLink(from.table));
        return step;
      } catch (error) {
        options.signal.throwIfAborted();
        if (error instanceof BeginAgain) throw error;
        const anew = isLinkDead(error) && this.readsAnew < MOST_READS_ANEW ? readAnew(position) : undefined;
        if (anew) {
          this.readsAnew++;
          host.log('warn', 'The stored link can not be read any more: the whole table is read again', {
            from: position.phase,
          });
          host.report(error instanceof DeltaTokenExpiredError ? error : linkRefused(from.table, error));
          position = anew;
          continue;
        }
        await host.clock.sleep(this.outage.failed(error, options.longestRetryPauseMs), options.signal);
      }
    }
  }

  private pauseMs(failures: number, longestMs: number): number {
    return backoffMs(failures, { firstMs: FIRST_PAUSE_MS, longestMs });
  }
}

/** Changes that come without a place to go on from: told, since each time the whole table is gone through for a new delta token. */
function noDeltaLink(table: string): FatalError {
  return new FatalError(
    'NO_DELTA_LINK',
    `Dynamics 365 gave changes of table "${table}" without a link to go on from. A new one is fetched by a read of the whole table.`,
    {
      hint: 'Nothing is lost. If it comes again and again, report it to Microsoft: the last page of changes must have a delta link.',
    },
  );
}
