import { NodeOperationError, type ITriggerFunctions, type ITriggerResponse } from 'n8n-workflow';
import type { Clock } from '../../lib/core/clock';
import { Outage } from '../../lib/sync/delivery/outage';
import { BeginAgain, type TriggerHost } from '../../lib/sync/delivery/trigger-host';
import { isSomebodyLooking, isWrongSetting } from './activation';
import { deliverBatch, waitForEarlierRun, type DeliveryOptions } from './deliver-batch';
import { toActivationError, toNodeError } from './n8n-errors';
import { processWide } from './process-wide';
import type { AllClear } from './trigger-parameters';

/** The settings of a trigger that concern its deliveries. */
export interface TriggerOptions {
  /** How long the run of one delivery may write, in milliseconds. */
  readonly runMs: number;
  /** Pauses between attempts that failed grow from one second to this, in milliseconds. */
  readonly longestRetryPauseMs: number;
  /** Who hears that an alarm is over. */
  readonly allClear: AllClear;
}

/** What a trigger begins with. */
export interface TriggerStart<State extends object> {
  readonly state: State;
  readonly options: TriggerOptions;
  /** ISO time until which the run of the last delivery may write; null once it has ended. */
  readonly deliveryUntil: string | null;
  /**
   * The trigger's loop: works until the signal aborts, and resolves then.
   *
   * @throws BeginAgain when what it was begun with is no longer so
   */
  run(host: TriggerHost<State>, signal: AbortSignal): Promise<void>;
}

/** Reads the stored state and the settings, asks the system what it has to, and says how to go on. */
export type Begin<State extends object> = (stored: unknown, signal: AbortSignal) => Promise<TriggerStart<State>>;

/** The parts of n8n's trigger context that a trigger uses. */
export type TriggerContext = Pick<
  ITriggerFunctions,
  'emit' | 'getActivationMode' | 'getNode' | 'getWorkflow' | 'getWorkflowStaticData' | 'logger' | 'saveFailedExecution'
> & { helpers: Pick<ITriggerFunctions['helpers'], 'createDeferredPromise'> };

/** Closing waits so long at most for what the loop is in the middle of, in milliseconds. */
const LONGEST_CLOSE_MS = 5_000;

/** Activation waits so long at most for the systems; then it goes on while the trigger waits for them. */
const ACTIVATION_PATIENCE_MS = 10_000;

/** A loop that worked for so long before it ended for an unforeseen reason has nothing to do with the end before. */
const STEADY_MS = 600_000;

const UNTIL_KNOWN: TriggerOptions = { runMs: 3_600_000, longestRetryPauseMs: 300_000, allClear: 'errorWorkflow' };

/**
 * Starts a trigger's loop over the state that is stored for it, and gives n8n the way to end it. Both triggers of the package run in here:
 * a loop of lib, with n8n's ways of delivering, storing, reporting and logging.
 *
 * n8n tries an activation that fails a few times within seconds and never again. So what may pass, or may be mended elsewhere, never fails
 * one: the trigger is active, tells once what it waits for, and begins when it can. A wrong setting is refused while somebody looks.
 *
 * @param store name of the trigger in the workflow's static data
 * @throws NodeOperationError for a wrong setting, where somebody publishes the workflow
 */
export async function startTrigger<State extends object>(
  context: TriggerContext,
  store: string,
  begin: Begin<State>,
  clock: Clock = processWide().clock,
): Promise<ITriggerResponse> {
  const trigger = triggerId(context);
  const { running } = processWide();
  const stopping = new AbortController();
  const before = running.get(trigger);
  running.set(trigger, stopping);
  const shell = new TriggerShell(context, store, begin, stopping.signal, clock);
  const beginning = shell.begin();
  const begun = beginning.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const refusal = await within(ACTIVATION_PATIENCE_MS, begun, clock);
  if (refusal && isSomebodyLooking(context.getActivationMode()) && isWrongSetting(refusal.error)) {
    stopping.abort();
    if (running.get(trigger) === stopping) {
      if (before) running.set(trigger, before);
      else running.delete(trigger);
    }
    shell.close();
    throw toActivationError(context.getNode(), refusal.error);
  }
  // A trigger that is started twice would deliver everything twice: the one that was started first ends, whichever has begun first.
  before?.abort(new Error('The trigger was started again'));
  const ended = shell.work(beginning);
  return {
    // n8n itself waits for executions under way. What the loop is in the middle of is waited for, so that the next start does not meet it.
    closeFunction: async () => {
      stopping.abort(new Error('The trigger was stopped'));
      if (running.get(trigger) === stopping) running.delete(trigger);
      await within(LONGEST_CLOSE_MS, ended, clock);
      shell.close();
    },
  };
}

/** A workflow that was never saved has no id yet. */
function workflowId(context: Pick<TriggerContext, 'getWorkflow'>): string {
  return context.getWorkflow().id ?? 'unsaved';
}

/** `<workflow id>:<node id>`, by which deliveries know the trigger. */
function triggerId(context: Pick<TriggerContext, 'getWorkflow' | 'getNode'>): string {
  return `${workflowId(context)}:${context.getNode().id}`;
}

/** What the promise gives, or undefined where it takes longer. */
async function within<T>(ms: number, promise: Promise<T>, clock: Clock): Promise<T | undefined> {
  const waiting = new AbortController();
  const over = clock.sleep(ms, waiting.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([promise, over]);
  } finally {
    waiting.abort();
  }
}

class TriggerShell<State extends object> {
  private readonly progress;
  private readonly host: TriggerHost<State>;
  private options = UNTIL_KNOWN;
  /** The newest state, as it was stored or saved since. */
  private state: unknown;

  constructor(
    private readonly context: TriggerContext,
    store: string,
    private readonly beginWith: Begin<State>,
    private readonly signal: AbortSignal,
    private readonly clock: Clock,
  ) {
    const key = `${store}:${context.getNode().id}`;
    this.progress = processWide().progress.open(context.getWorkflowStaticData('global'), workflowId(context), key);
    this.state = this.progress.stored;
    this.host = this.hostOf(clock);
  }

  async begin(): Promise<TriggerStart<State>> {
    const start = await this.beginWith(this.state, this.signal);
    this.signal.throwIfAborted();
    this.options = start.options;
    this.save(start.state);
    return start;
  }

  /** Begins and works until the signal aborts, whatever happens; resolves then. */
  async work(first: Promise<TriggerStart<State>>): Promise<void> {
    await this.beginAndWork(first).catch((error: unknown) => {
      if (!this.signal.aborted) throw error;
    });
  }

  private async beginAndWork(first: Promise<TriggerStart<State>>): Promise<void> {
    const beginning = new Outage(this.host, 'The trigger could not begin', 'All clear: the trigger has begun.');
    const working = new Outage(
      this.host,
      'The trigger stopped for an unforeseen reason',
      'All clear: the trigger works.',
    );
    let next: Promise<TriggerStart<State>> | undefined = first;
    for (;;) {
      let start: TriggerStart<State>;
      try {
        start = await (next ?? this.begin());
        beginning.worked();
      } catch (error) {
        this.signal.throwIfAborted();
        await this.clock.sleep(beginning.failed(error, this.options.longestRetryPauseMs), this.signal);
        continue;
      } finally {
        next = undefined;
      }
      const since = this.clock.elapsed();
      try {
        await waitForEarlierRun(this.context, start.deliveryUntil, this.delivery, this.clock);
        await start.run(this.host, this.signal);
        return;
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof BeginAgain) continue;
        if (this.clock.elapsed() - since > STEADY_MS) working.worked();
        await this.clock.sleep(working.failed(error, this.options.longestRetryPauseMs), this.signal);
      }
    }
  }

  close(): void {
    this.progress.close();
  }

  private save(state: State): void {
    this.state = state;
    this.progress.save(state);
  }

  private get delivery(): DeliveryOptions {
    const { context, options, signal } = this;
    return {
      trigger: triggerId(context),
      runMs: options.runMs,
      queueMode: processWide().surroundings.queueMode,
      longestRetryPauseMs: options.longestRetryPauseMs,
      signal,
    };
  }

  private readonly log: TriggerHost<State>['log'] = (level, message, facts) =>
    this.context.logger[level](message, {
      workflow: this.context.getWorkflow().id,
      node: this.context.getNode().name,
      ...facts,
    });

  private hostOf(clock: Clock): TriggerHost<State> {
    return {
      clock,
      deliver: (batch) => deliverBatch(this.context, batch, this.delivery, clock),
      save: (state) => this.save(state),
      report: (error) => this.context.saveFailedExecution(toNodeError(this.context.getNode(), error)),
      allClear: (text) => {
        this.log('info', text);
        if (this.options.allClear !== 'errorWorkflow') return;
        const description = 'An alarm of this trigger is over. Nothing has failed.';
        const node = this.context.getNode();
        this.context.saveFailedExecution(new NodeOperationError(node, text, { level: 'info', description }));
      },
      log: this.log,
    };
  }
}
