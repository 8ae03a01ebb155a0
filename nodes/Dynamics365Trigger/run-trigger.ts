import type { ITriggerFunctions } from 'n8n-workflow';
import type { Change } from '../../lib/core/change';
import { readStep, type ChangeSource, type FeedStep } from '../../lib/sync/feed/change-feed';
import type { Checkpoint } from '../../lib/sync/feed/checkpoint';
import { pauseAfter } from '../../lib/sync/delivery/delivery-loop';
import { RetriableError, SyncError } from '../../lib/core/errors';
import { DeltaTokenExpiredError } from '../../lib/sync/feed/delta-token-expired';
import {
  deliverBatch,
  waitForEarlierRun,
  type DeliveryClock,
  type DeliveryHost,
  type DeliveryOptions,
} from '../shared/deliver-batch';
import { toNodeError } from '../shared/n8n-errors';

/** The parts of n8n's trigger context that the loop uses. */
export type TriggerHost = DeliveryHost & Pick<ITriggerFunctions, 'saveFailedExecution' | 'getNode'>;

export interface TriggerLoopOptions extends DeliveryOptions {
  /** Rows per batch. */
  readonly batchSize: number;
  /** Pauses between polls that found nothing grow from one second to this, in milliseconds. */
  readonly longestPollPauseMs: number;
}

export interface TriggerLoopDeps extends DeliveryClock {
  readonly source: ChangeSource;
  /** Writes the checkpoint into static data; n8n saves it with the next emit. */
  save(checkpoint: Checkpoint): void;
}

/** Failures in a row after which n8n's error workflow hears of it. */
const TRIES_BEFORE_REPORT = 3;

/**
 * Reads the table from the checkpoint on and delivers batch after batch, until `signal` aborts; returns then.
 *
 * While a batch is being worked on the next page is already read, which moves nothing: only a run that ended with success moves the checkpoint.
 *
 * @throws NodeOperationError for what neither waiting nor a full read can mend (a checkpoint that does not advance)
 */
export async function runTriggerLoop(
  host: TriggerHost,
  start: Checkpoint,
  options: TriggerLoopOptions,
  deps: TriggerLoopDeps,
): Promise<void> {
  let checkpoint = start;
  try {
    await waitForEarlierRun(host, checkpoint.deliveryUntil, options, deps);
    let idlePolls = 0;
    let ahead: Promise<FeedStep> | undefined;
    for (;;) {
      const read = ahead ?? readPatiently(host, checkpoint, options, deps);
      ahead = undefined;
      const step = await read;
      if (step.changes.length > 0) {
        const next: Checkpoint = { ...checkpoint, position: step.next };
        // A full read goes on whatever happens meanwhile; the end of a delta is read anew after the batch.
        if (!step.idle) {
          ahead = readPatiently(host, next, options, deps);
          ahead.catch(() => undefined);
        }
        checkpoint = await deliver(host, checkpoint, step.changes, options, deps);
      }
      checkpoint = { ...checkpoint, position: step.next };
      deps.save(checkpoint);
      // Changes that were just delivered are a sign of more; then the pauses grow.
      idlePolls = step.idle && step.changes.length === 0 ? idlePolls + 1 : 0;
      if (step.idle) await deps.sleep(pauseAfter(idlePolls + 1, options.longestPollPauseMs), options.signal);
    }
  } catch (error) {
    if (options.signal.aborted) return;
    // Nothing may end the loop silently: the workflow would look active and do nothing.
    host.logger.error('The Dynamics 365 Trigger stopped for an unexpected reason', { trigger: options.trigger });
    throw toNodeError(host.getNode(), error);
  }
}

/** Delivers the changes until their run succeeded; gives the checkpoint after it, still at the position before the batch. */
async function deliver(
  host: TriggerHost,
  checkpoint: Checkpoint,
  changes: readonly Change[],
  options: TriggerLoopOptions,
  deps: TriggerLoopDeps,
): Promise<Checkpoint> {
  const number = checkpoint.delivery + 1;
  await deliverBatch(
    host,
    {
      number,
      records: changes,
      onEmit: (deliveryUntil) => deps.save({ ...checkpoint, delivery: number, deliveryUntil }),
    },
    options,
    deps,
  );
  return { ...checkpoint, delivery: number, deliveryUntil: null };
}

/**
 * Reads a step; tries again for as long as Dynamics can't be read, and tells n8n once per incident. An expired delta token
 * turns into a full read.
 */
async function readPatiently(
  host: TriggerHost,
  checkpoint: Checkpoint,
  options: TriggerLoopOptions,
  deps: TriggerLoopDeps,
): Promise<FeedStep> {
  let position = checkpoint.position;
  for (let failures = 1; ; failures++) {
    options.signal.throwIfAborted();
    try {
      const step = await readStep(deps.source, position, options.batchSize, options.signal);
      if (failures > TRIES_BEFORE_REPORT)
        host.logger.info('Dynamics 365 can be read again', { failures: failures - 1 });
      return step;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof DeltaTokenExpiredError) {
        host.logger.warn('The delta token has expired: the whole table is read again', { trigger: options.trigger });
        host.saveFailedExecution(toNodeError(host.getNode(), error));
        position = { phase: 'safety-token', link: null, load: 'expired' };
        continue;
      }
      // What waiting can't mend is told at once, and tried again all the same: the user may mend it in Dynamics.
      const report = error instanceof RetriableError ? failures === TRIES_BEFORE_REPORT : failures === 1;
      if (report) host.saveFailedExecution(toNodeError(host.getNode(), error));
      const asked = error instanceof RetriableError ? (error.retryAfterMs ?? 0) : 0;
      const pauseMs = Math.max(asked, pauseAfter(failures, options.longestRetryPauseMs));
      host.logger.warn('Dynamics 365 could not be read; trying again', {
        trigger: options.trigger,
        code: error instanceof SyncError ? error.code : 'UNEXPECTED',
        reason: error instanceof Error ? error.message : 'unknown',
        againInSeconds: pauseMs / 1000,
      });
      await deps.sleep(pauseMs, options.signal);
    }
  }
}
