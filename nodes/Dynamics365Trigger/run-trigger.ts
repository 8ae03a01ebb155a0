import type { IDataObject, INodeExecutionData, IRun, ITriggerFunctions } from 'n8n-workflow';
import type { Change } from '../../lib/sync/change';
import { readStep, type ChangeSource, type FeedStep } from '../../lib/sync/change-feed';
import type { Checkpoint } from '../../lib/sync/checkpoint';
import { deliveries } from '../../lib/sync/deliveries';
import { deliverUntilDone, pauseAfter, GRACE_MS } from '../../lib/sync/delivery-loop';
import { RetriableError, SyncError } from '../../lib/sync/errors';
import { DeltaTokenExpiredError } from '../../lib/dataverse/delta-token-expired';
import { toNodeError } from '../shared/n8n-errors';

/** The parts of n8n's trigger context that the loop uses. */
export type TriggerHost = Pick<ITriggerFunctions, 'emit' | 'logger' | 'saveFailedExecution' | 'getNode'> & {
  helpers: Pick<ITriggerFunctions['helpers'], 'createDeferredPromise'>;
};

export interface TriggerLoopOptions {
  /** `<workflow id>:<node id>`. */
  readonly trigger: string;
  /** Rows per batch. */
  readonly batchSize: number;
  /** Pauses between polls that found nothing grow from one second to this, in milliseconds. */
  readonly longestPollPauseMs: number;
  /** Pauses between attempts that failed grow from one second to this, in milliseconds. */
  readonly longestRetryPauseMs: number;
  /** How long a run may write, in milliseconds. */
  readonly runMs: number;
  /** n8n runs executions in worker processes. */
  readonly queueMode: boolean;
  readonly signal: AbortSignal;
}

export interface TriggerLoopDeps {
  readonly source: ChangeSource;
  /** Writes the checkpoint into static data; n8n saves it with the next emit. */
  save(checkpoint: Checkpoint): void;
  now(): number;
  /** Rejects when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * The runs that this process has under way, by trigger: after a trigger was stopped and started again (a new publish), its next
 * delivery waits for the run of the last one.
 */
const runsUnderWay = new Map<string, Promise<unknown>>();

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
    await waitForEarlierRun(host, checkpoint, options, deps);
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

/** A run of an earlier delivery may still write: wait for its end, or until its time is over. */
async function waitForEarlierRun(
  host: TriggerHost,
  checkpoint: Checkpoint,
  options: TriggerLoopOptions,
  deps: TriggerLoopDeps,
): Promise<void> {
  const underWay = runsUnderWay.get(options.trigger);
  const leftMs = checkpoint.deliveryUntil ? Date.parse(checkpoint.deliveryUntil) + GRACE_MS - deps.now() : 0;
  if (underWay) {
    host.logger.info('Waiting for the run of the last delivery to end before the next one');
    await Promise.race([underWay, deps.sleep(Math.max(leftMs, options.runMs) + GRACE_MS, options.signal)]);
    return;
  }
  // In regular mode the runs of an earlier process are gone with it. Workers live on (docs/delivery-guarantees.md).
  if (options.queueMode && leftMs > 0) {
    host.logger.info('A worker may still be at work on the last delivery; waiting until its time is over', {
      seconds: Math.ceil(leftMs / 1000),
    });
    await deps.sleep(leftMs, options.signal);
  }
}

async function deliver(
  host: TriggerHost,
  checkpoint: Checkpoint,
  changes: readonly Change[],
  options: TriggerLoopOptions,
  deps: TriggerLoopDeps,
): Promise<Checkpoint> {
  let current: Checkpoint = { ...checkpoint, delivery: checkpoint.delivery + 1 };
  const attempts = await deliverUntilDone(
    {
      trigger: options.trigger,
      number: current.delivery,
      runMs: options.runMs,
      runsElsewhere: options.queueMode,
      longestPauseMs: options.longestRetryPauseMs,
      signal: options.signal,
    },
    {
      now: deps.now,
      sleep: deps.sleep,
      registry: deliveries,
      emit: async (delivery) => {
        current = { ...current, deliveryUntil: delivery.until };
        // Directly before emit, which saves static data.
        deps.save(current);
        const done = host.helpers.createDeferredPromise<IRun>();
        const items = changes.map((change): INodeExecutionData => ({
          json: { ...change, delivery } as unknown as IDataObject,
        }));
        const settled = done.promise.then(
          (run) => run?.status,
          (error: unknown) => Promise.reject(error),
        );
        const ended = settled
          .catch(() => undefined)
          .finally(() => {
            if (runsUnderWay.get(options.trigger) === ended) runsUnderWay.delete(options.trigger);
          });
        runsUnderWay.set(options.trigger, ended);
        host.emit([items], undefined, done);
        return await settled;
      },
      onFailure: ({ attempt, verdict, pauseMs }) =>
        host.logger.warn('A batch was not accepted and will be delivered again', {
          trigger: options.trigger,
          delivery: current.delivery,
          attempt,
          records: changes.length,
          run: verdict.kind === 'failed' ? verdict.status : verdict.kind,
          againInSeconds: pauseMs / 1000,
        }),
    },
  );
  if (attempts > 1)
    host.logger.info('The batch was accepted', { trigger: options.trigger, delivery: current.delivery, attempts });
  return { ...current, deliveryUntil: null };
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
