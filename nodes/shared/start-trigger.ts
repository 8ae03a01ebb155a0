import { NodeOperationError, type ITriggerFunctions, type ITriggerResponse } from 'n8n-workflow';
import { systemClock, type Clock } from '../../lib/core/clock';
import type { TriggerHost } from '../../lib/sync/delivery/trigger-host';
import { deliverBatch, inQueueMode, waitForEarlierRun, type DeliveryOptions } from './deliver-batch';
import { toNodeError } from './n8n-errors';
import { triggerProgress } from './trigger-progress';

/** The settings of a trigger that concern its deliveries. */
export interface TriggerOptions {
  /** How long the run of one delivery may write, in milliseconds. */
  readonly runMs: number;
  /** Pauses between attempts that failed grow from one second to this, in milliseconds. */
  readonly longestRetryPauseMs: number;
  /** Who hears that an alarm is over. */
  readonly allClear: 'errorWorkflow' | 'log';
}

/** What a trigger begins with. */
export interface TriggerStart<State extends object> {
  readonly state: State;
  /** ISO time until which the run of the last delivery may write; null once it has ended. */
  readonly deliveryUntil: string | null;
  /** The trigger's loop: works until the signal aborts, and resolves then. */
  run(host: TriggerHost<State>, signal: AbortSignal): Promise<void>;
}

/** The parts of n8n's trigger context that a trigger uses. */
export type TriggerContext = Pick<
  ITriggerFunctions,
  'emit' | 'emitError' | 'getNode' | 'getWorkflow' | 'getWorkflowStaticData' | 'logger' | 'saveFailedExecution'
> & { helpers: Pick<ITriggerFunctions['helpers'], 'createDeferredPromise'> };

/** Closing waits so long at most for what the loop is in the middle of, in milliseconds. */
const LONGEST_CLOSE_MS = 5_000;

/**
 * Starts a trigger's loop over the state that is stored for it, and gives n8n the way to end it. Both triggers of the package run in here:
 * a loop of lib, with n8n's ways of delivering, storing, reporting and logging.
 *
 * @param store name of the trigger in the workflow's static data
 * @param begin reads the stored state and says how to go on; what it throws keeps the trigger from being activated
 */
export async function startTrigger<State extends object>(
  context: TriggerContext,
  store: string,
  options: TriggerOptions,
  begin: (stored: unknown, signal: AbortSignal) => Promise<TriggerStart<State>>,
  clock: Clock = systemClock,
): Promise<ITriggerResponse> {
  const node = context.getNode();
  const workflow = context.getWorkflow().id ?? 'unsaved';
  const stopping = new AbortController();
  const { signal } = stopping;
  const progress = triggerProgress.open(context.getWorkflowStaticData('global'), workflow, `${store}:${node.id}`);
  let start: TriggerStart<State> | undefined;
  try {
    start = await begin(progress.stored, signal);
  } finally {
    if (!start) progress.close();
  }
  progress.save(start.state);
  const delivery: DeliveryOptions = {
    trigger: `${workflow}:${node.id}`,
    runMs: options.runMs,
    queueMode: inQueueMode(),
    longestRetryPauseMs: options.longestRetryPauseMs,
    signal,
  };
  const log: TriggerHost<State>['log'] = (level, message, facts) =>
    context.logger[level](message, { workflow, node: node.name, ...facts });
  const host: TriggerHost<State> = {
    clock,
    deliver: (batch) => deliverBatch(context, batch, delivery, clock),
    save: (state) => progress.save(state),
    report: (error) => context.saveFailedExecution(toNodeError(node, error)),
    allClear: (text) => {
      log('info', text);
      if (options.allClear !== 'errorWorkflow') return;
      const description = 'An alarm of this trigger is over. Nothing has failed.';
      context.saveFailedExecution(new NodeOperationError(node, text, { level: 'info', description }));
    },
    log,
  };
  const work = waitForEarlierRun(context, start.deliveryUntil, delivery, clock).then(() => start.run(host, signal));
  const ended = work.catch((error: unknown) => {
    if (signal.aborted) return;
    // Nothing may end the loop silently: the workflow would look active and do nothing.
    log('error', 'The trigger stopped for an unexpected reason');
    context.emitError(toNodeError(node, error));
  });
  return {
    // n8n itself waits for executions under way. What the loop is in the middle of is waited for, so that the next start does not meet it.
    closeFunction: async () => {
      stopping.abort(new Error('The trigger was stopped'));
      await endedWithin(LONGEST_CLOSE_MS, ended, clock);
      progress.close();
    },
  };
}

async function endedWithin(ms: number, ended: Promise<void>, clock: Clock): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([ended, clock.sleep(ms, waiting.signal).catch(() => undefined)]);
  waiting.abort();
}
