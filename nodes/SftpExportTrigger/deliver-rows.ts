import type { IDataObject, INodeExecutionData, IRun, ITriggerFunctions } from 'n8n-workflow';
import { deliveries } from '../../lib/sync/deliveries';
import { deliverUntilDone, GRACE_MS } from '../../lib/sync/delivery-loop';
import type { RowItem } from '../../lib/sync/export/row-item';

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
  readonly longestRetryPauseMs: number;
  readonly signal: AbortSignal;
  now(): number;
  /** Rejects when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The runs that this process has under way, by trigger: a trigger that was stopped and started again waits for the last one. */
const runsUnderWay = new Map<string, Promise<unknown>>();

/**
 * A run of an earlier delivery may still write: waits for its end, or until its time is over.
 *
 * @param untilIso the stored time after which the last delivery may not write; null when it had ended
 */
export async function waitForEarlierRun(
  host: DeliveryHost,
  untilIso: string | null,
  options: DeliveryOptions,
): Promise<void> {
  const underWay = runsUnderWay.get(options.trigger);
  const leftMs = untilIso === null ? 0 : Date.parse(untilIso) + GRACE_MS - options.now();
  if (underWay) {
    host.logger.info('Waiting for the run of the last delivery to end before the next one');
    await Promise.race([underWay, options.sleep(Math.max(leftMs, options.runMs) + GRACE_MS, options.signal)]);
  } else if (options.queueMode && leftMs > 0) {
    // In regular mode the runs of an earlier process are gone with it. Workers live on.
    host.logger.info('A worker may still be at work on the last delivery; waiting until its time is over');
    await options.sleep(leftMs, options.signal);
  }
}

/**
 * Delivers one batch of rows until its run succeeded. `onEmit` comes directly before each handing over to n8n, which saves static data
 * then; it gets the time until which the run may write.
 */
export async function deliverRows(
  host: DeliveryHost,
  rows: readonly RowItem[],
  number: number,
  onEmit: (untilIso: string) => void,
  options: DeliveryOptions,
): Promise<void> {
  const attempts = await deliverUntilDone(
    {
      trigger: options.trigger,
      number,
      runMs: options.runMs,
      runsElsewhere: options.queueMode,
      longestPauseMs: options.longestRetryPauseMs,
      signal: options.signal,
    },
    {
      now: options.now,
      sleep: options.sleep,
      registry: deliveries,
      emit: async (delivery) => {
        const done = host.helpers.createDeferredPromise<IRun>();
        const settled = done.promise.then((run: IRun | undefined) => run?.status);
        const ended: Promise<unknown> = settled
          .catch(() => undefined)
          .finally(() => {
            if (runsUnderWay.get(options.trigger) === ended) runsUnderWay.delete(options.trigger);
          });
        runsUnderWay.set(options.trigger, ended);
        onEmit(delivery.until);
        const items = rows.map((row): INodeExecutionData => ({ json: { ...row, delivery } as unknown as IDataObject }));
        host.emit([items], undefined, done);
        return await settled;
      },
      onFailure: ({ attempt, verdict, pauseMs }) =>
        host.logger.warn('A batch of an export was not accepted and will be delivered again', {
          trigger: options.trigger,
          delivery: number,
          attempt,
          rows: rows.length,
          run: verdict.kind === 'failed' ? verdict.status : verdict.kind,
          againInSeconds: pauseMs / 1000,
        }),
    },
  );
  if (attempts > 1)
    host.logger.info('The batch was accepted', { trigger: options.trigger, delivery: number, attempts });
}
