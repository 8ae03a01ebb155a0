import type { INodeExecutionData, IRun, ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../lib/core/clock';
import { deliverUntilDone, GRACE_MS } from '../../lib/sync/delivery/delivery-loop';
import type { Batch } from '../../lib/sync/delivery/trigger-host';
import { processWide } from './process-wide';

/** The parts of n8n's trigger context that the delivery uses. */
export type DeliveryHost = Pick<ITriggerFunctions, 'emit' | 'logger'> & {
  helpers: Pick<ITriggerFunctions['helpers'], 'createDeferredPromise'>;
};

export interface DeliveryOptions {
  /** `<workflow id>:<node id>`. */
  readonly trigger: string;
  /** How long a run may write, in milliseconds. */
  readonly runMs: number;
  /** n8n runs executions in worker processes. */
  readonly queueMode: boolean;
  /** Pauses between attempts that failed grow from one second to this, in milliseconds. */
  readonly longestRetryPauseMs: number;
  readonly signal: AbortSignal;
}

/**
 * A run of an earlier delivery may still write: waits for its end, or until its time is over.
 *
 * @param untilIso the stored time after which the last delivery may not write; null when it had ended. A run takes no longer than `runMs`:
 *   a time further ahead, after the clock was set back for example, is not waited for.
 * @throws the reason of `signal` when it aborts
 */
export async function waitForEarlierRun(
  host: Pick<DeliveryHost, 'logger'>,
  untilIso: string | null,
  options: DeliveryOptions,
  clock: Pick<Clock, 'now' | 'sleep'>,
): Promise<void> {
  const underWay = processWide().runsUnderWay.get(options.trigger);
  const mostMs = options.runMs + GRACE_MS;
  const storedMs = untilIso === null ? 0 : Date.parse(untilIso) + GRACE_MS - clock.now();
  const leftMs = Number.isNaN(storedMs) ? mostMs : Math.min(storedMs, mostMs);
  if (underWay) {
    host.logger.info('Waiting for the run of the last delivery to end before the next one');
    const ended = new AbortController();
    const over = clock.sleep(mostMs, AbortSignal.any([options.signal, ended.signal]));
    over.catch(() => undefined);
    try {
      await Promise.race([underWay, over]);
    } finally {
      // Otherwise each restart would leave a timer behind, for as long as a run may take.
      ended.abort();
    }
    return;
  }
  // In regular mode the runs of an earlier process are gone with it. Workers live on (docs/delivery-guarantees.md).
  if (options.queueMode && leftMs > 0) {
    host.logger.info('A worker may still be at work on the last delivery; waiting until its time is over', {
      seconds: Math.ceil(leftMs / 1000),
    });
    await clock.sleep(leftMs, options.signal);
  }
}

/**
 * Delivers one batch until its run succeeded, however often it takes.
 *
 * @throws the reason of `signal` when it aborts
 */
export async function deliverBatch(
  host: DeliveryHost,
  batch: Batch,
  options: DeliveryOptions,
  clock: Pick<Clock, 'now' | 'sleep'>,
): Promise<void> {
  const { trigger } = options;
  const { deliveries, runsUnderWay } = processWide();
  const attempts = await deliverUntilDone(
    {
      trigger,
      number: batch.number,
      runMs: options.runMs,
      runsElsewhere: options.queueMode,
      longestPauseMs: options.longestRetryPauseMs,
      signal: options.signal,
    },
    {
      clock,
      registry: deliveries,
      emit: async (delivery) => {
        const items = batch.records.map((record): INodeExecutionData => ({
          json: { ...record, delivery },
        }));
        const done = host.helpers.createDeferredPromise<IRun>();
        const settled = done.promise.then((run: IRun | undefined) => run?.status);
        const ended: Promise<unknown> = settled
          .catch(() => undefined)
          .finally(() => {
            if (runsUnderWay.get(trigger) === ended) runsUnderWay.delete(trigger);
          });
        // Known before the run can begin.
        runsUnderWay.set(trigger, ended);
        // Nothing may come between these two: emit saves static data, and with it what onEmit put there.
        batch.onEmit(delivery.until);
        host.emit([items], undefined, done);
        return await settled;
      },
      onFailure: ({ attempt, verdict, pauseMs }) =>
        host.logger.warn('A batch was not accepted and will be delivered again', {
          trigger,
          delivery: batch.number,
          attempt,
          records: batch.records.length,
          run: verdict.kind === 'failed' ? verdict.status : verdict.kind,
          againInSeconds: pauseMs / 1000,
        }),
    },
  );
  if (attempts > 1) host.logger.info('The batch was accepted', { trigger, delivery: batch.number, attempts });
}
