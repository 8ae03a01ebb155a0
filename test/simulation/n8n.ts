import type { IDataObject, INodeExecutionData, IRun, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import type { Surroundings } from '../../nodes/shared/process-wide';
import { createDeferredPromise } from '../support/deferred-promise';
import { commonContext, type FlowNode } from './node-context';
import { SimulatedProcess, type PlannedStall } from './process';
import type { SeededRandom } from './random';
import type { Scheduler } from './scheduler';

/** A run of a workflow, as the code of a flow sees it. */
export interface Run {
  readonly process: SimulatedProcess;
  /** Aborts when the run is cancelled or its time is over. */
  readonly signal: AbortSignal;
  readonly n8n: N8n;
}

/** A workflow: triggers, and what a run does with what they emit. */
export interface Workflow {
  readonly id: string;
  readonly triggers: readonly FlowNode[];
  /** Besides, it runs by a schedule. */
  readonly everyMs?: number;
  /** Execution timeout. */
  readonly timeoutSeconds: number;
  /** The nodes behind the trigger. It throws when a node fails. */
  run(items: readonly INodeExecutionData[], run: Run): Promise<void>;
}

/** Rows of a Data table, by what they are matched by. */
export type DataTable = Map<string, IDataObject>;

/** What hears how the run of a batch ended. */
type Done = ReturnType<typeof createDeferredPromise<IRun>>;

interface Execution {
  readonly workflow: string;
  readonly items: string;
  status: 'new' | 'running' | 'success' | 'error' | 'crashed' | 'canceled';
  /** Hears how it ended, in the process that emitted it. */
  readonly done: ((status: string) => void) | undefined;
  readonly gaveUp: (() => void) | undefined;
  /** While it runs. */
  cancel?: () => void;
  readonly emitter: SimulatedProcess;
}

/** What a trigger has told the people in charge. */
export interface Incident {
  readonly atMs: number;
  /** `<workflow>: <node>` */
  readonly trigger: string;
  /** Each time that a trigger is activated has a number. */
  readonly activation: number;
  readonly message: string;
  readonly isAllClear: boolean;
}

/** Of a trigger, from its start to its end. */
interface Life {
  closed: boolean;
}

export interface N8nOptions {
  readonly queueMode: boolean;
  /** Worker processes in queue mode. */
  readonly workers: number;
  readonly surroundings: (process: SimulatedProcess) => Omit<Surroundings, 'queueMode'>;
  /** By how much clocks may differ from the true time. */
  readonly clockOffsetMs: () => number;
  /** After how many of its operations a main process is killed, one number for each of its lives. */
  readonly kills: readonly number[];
  readonly workerKills: readonly number[];
  /** Each for the next process of its kind. */
  readonly stalls: readonly PlannedStall[];
  /** What triggers tell is looked at here; otherwise the flow itself does. */
  readonly checksIncidents: boolean;
}

/** What is told of something that has happened, and has no end to tell. */
const ENDS_BY_ITSELF = /no longer knows the state|is read again|another organization|without a link to go on from/;

/** n8n stalls the job of a worker that is gone, and another worker finds it so much later. */
const STALLED_MS = 102_000;

/**
 * n8n as docs/facts/n8n.md has it: a database that outlives everything, a main process with triggers, executions in it or in workers.
 */
export class N8n {
  /** What is in the database. */
  readonly staticData = new Map<string, string>();
  readonly tables = new Map<string, DataTable>();
  readonly published = new Map<string, Workflow>();
  private readonly executions: Execution[] = [];
  readonly incidents: Incident[] = [];
  main: SimulatedProcess | undefined;
  readonly workers: SimulatedProcess[] = [];
  /** Hears of static data that was stored. */
  onStored: ((workflow: string, text: string) => void) | undefined;
  /** Hears of the code that failed where nothing may fail. */
  onDefect: ((what: string, error: unknown) => void) | undefined;
  /** Hears of what triggers do and never may. */
  onBroken: ((invariant: string, detail: string) => void) | undefined;
  /** Hears of a run that failed. */
  onRunFailed: ((workflow: string, error: unknown) => void) | undefined;
  kills = 0;
  /** What was under way at each kill. */
  readonly statesAtKills: string[] = [];
  private readonly killMainAfter: number[];
  private readonly killWorkerAfter: number[];
  private readonly stalls: PlannedStall[];
  private readonly closers = new Map<string, () => Promise<void>>();
  /** The last start of each trigger in this process. */
  private readonly lives = new Map<string, Life>();
  private started = 0;
  private activated = 0;
  /** Number of the last activation, by trigger. */
  readonly activations = new Map<string, number>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: SeededRandom,
    private readonly options: N8nOptions,
  ) {
    this.killMainAfter = [...options.kills];
    this.killWorkerAfter = [...options.workerKills];
    this.stalls = [...options.stalls];
  }

  table(name: string): DataTable {
    let table = this.tables.get(name);
    if (!table) this.tables.set(name, (table = new Map()));
    return table;
  }

  /** From now on no process dies any more. */
  stopKilling(): void {
    this.killMainAfter.length = this.killWorkerAfter.length = this.stalls.length = 0;
    for (const process of [this.main, ...this.workers]) {
      if (!process) continue;
      process.killAtWake = Infinity;
      process.stall = undefined;
    }
  }

  /** What must hold of processes that have nothing to do. */
  checkRest(violated: (invariant: string, detail: string) => void): void {
    if (this.options.checksIncidents) this.checkIncidents(violated);
    for (const process of [this.main, ...this.workers]) {
      if (!process) continue;
      const { locks, runsUnderWay, running, dataverseClients, campaignClients } = process.wide;
      const found = {
        locks: [locks.size, 8],
        'runs under way': [runsUnderWay.size, 4],
        'running loops': [running.size, 4],
        clients: [dataverseClients.size + campaignClients.size, 4],
        operations: [this.scheduler.pendingOf(process), 60],
      };
      for (const [what, [count = 0, most = 0]] of Object.entries(found)) {
        if (count > most) violated('memory is bounded', `${process.name} holds ${count} ${what}`);
      }
    }
  }

  /** n8n starts, with whatever its database holds. */
  start(takesOver = false): void {
    const main = this.makeProcess('main');
    main.killAtWake = this.killMainAfter.shift() ?? Infinity;
    this.main = main;
    this.closers.clear();
    this.lives.clear();
    if (this.options.queueMode) while (this.workers.length < this.options.workers) this.startWorker();
    const startMs = takesOver ? this.random.between(5, 100) : this.random.between(2_000, 9_000);
    this.scheduler.after(startMs, main, 'n8n is up', () => {
      // A queue outlives n8n; what this process itself had begun does not.
      if (!this.options.queueMode) {
        for (const execution of this.executions) {
          if (execution.status === 'running') execution.status = 'crashed';
          // Seen: executions that had not begun are run at the next start, beside whatever the trigger delivers then.
          if (execution.status === 'new') void this.execute(execution, main);
        }
      }
      for (const workflow of this.published.values())
        void this.activate(workflow, main, takesOver ? 'leadershipChange' : 'init');
    });
  }

  /**
   * In each life of a trigger, from its activation on, an incident is told once, and once that it is over. What an earlier life has told may be
   * remembered, and said to be over by a later one: also once more, where n8n was killed before it had stored that. One word may end several
   * incidents; never do more words than there were incidents.
   */
  private checkIncidents(violated: (invariant: string, detail: string) => void): void {
    const told = new Map<string, { activation: number; readonly open: Set<string>; incidents: number; ends: number }>();
    for (const { activation, trigger, message, isAllClear } of this.incidents) {
      if (ENDS_BY_ITSELF.test(message)) continue;
      const of = told.get(trigger) ?? { activation, open: new Set<string>(), incidents: 0, ends: 0 };
      told.set(trigger, of);
      if (of.activation !== activation) {
        of.open.clear();
        of.ends = 0;
        of.activation = activation;
      }
      if (isAllClear) {
        if (++of.ends > of.incidents) violated('an incident is cleared once', `${trigger}: "${message}"`);
        of.open.clear();
      } else {
        of.incidents++;
        if (of.open.has(message)) violated('an incident is told once', `${trigger}: "${message}"`);
        of.open.add(message);
      }
    }
  }

  /** What a trigger that runs has told, and not yet that it is over. */
  openIncident(): string | undefined {
    if (!this.options.checksIncidents) return undefined;
    const last = new Map<string, Incident>();
    for (const incident of this.incidents) {
      if (!ENDS_BY_ITSELF.test(incident.message)) last.set(incident.trigger, incident);
    }
    for (const [trigger, { activation, isAllClear, message }] of last) {
      if (!isAllClear && this.activations.get(trigger) === activation) return `${trigger}: "${message}"`;
    }
    return undefined;
  }

  private startWorker(): void {
    const worker = this.makeProcess(`worker${++this.started}`);
    worker.killAtWake = this.killWorkerAfter.shift() ?? Infinity;
    this.workers.push(worker);
  }

  private makeProcess(name: string): SimulatedProcess {
    const { options } = this;
    const surroundings = (process: SimulatedProcess): Surroundings => ({
      ...options.surroundings(process),
      queueMode: options.queueMode,
    });
    const onKill = (killed: SimulatedProcess) => this.onKilled(killed);
    const made = new SimulatedProcess(name, this.scheduler, surroundings, onKill, options.clockOffsetMs());
    const stall = this.stalls.findIndex(({ process }) => name.startsWith(process));
    if (stall >= 0) [made.stall] = this.stalls.splice(stall, 1);
    return made;
  }

  private onKilled(process: SimulatedProcess): void {
    this.kills++;
    const busy = this.executions.filter(({ status }) => status === 'running').length;
    this.statesAtKills.push(`${process.name.replace(/\d/g, '')} ${busy} ${this.scheduler.pendingOf(process)}`);
    const at = this.workers.indexOf(process);
    if (process === this.main) {
      this.main = undefined;
      // Of two main processes the other one takes over at once.
      const soon = this.options.queueMode && this.random.chance(0.3);
      const pauseMs = soon ? this.random.between(10, 500) : this.random.between(500, 20_000);
      this.scheduler.after(pauseMs, undefined, 'n8n starts again', () => this.start(soon));
    } else if (at >= 0) {
      this.workers.splice(at, 1);
      this.scheduler.after(this.random.between(500, 20_000), undefined, 'a worker starts again', () => {
        this.startWorker();
        this.giveOut();
      });
    }
  }

  /** Somebody publishes a workflow, or publishes it with other settings. */
  publish(workflow: Workflow): void {
    const { main } = this;
    this.published.set(workflow.id, workflow);
    if (!main) return;
    main.enter();
    void this.deactivate(workflow.id).then(async () => await this.activate(workflow, main, 'activate'));
  }

  unpublish(id: string): void {
    this.published.delete(id);
    if (!this.main) return;
    this.main.enter();
    void this.deactivate(id);
  }

  private async deactivate(id: string): Promise<void> {
    const closing = [...this.closers].filter(([key]) => key.startsWith(`${id}:`));
    for (const [key, close] of closing) {
      this.closers.delete(key);
      await close();
    }
  }

  private async activate(
    workflow: Workflow,
    main: SimulatedProcess,
    mode: 'init' | 'activate' | 'leadershipChange',
  ): Promise<void> {
    // The triggers of a workflow that start together share one object of static data.
    const staticData = JSON.parse(this.staticData.get(workflow.id) ?? '{}') as IDataObject;
    for (const node of workflow.triggers) {
      // It was published once more while this took its time: the triggers that have not begun are that one's.
      if (this.published.get(workflow.id) !== workflow || this.main !== main) return;
      const life: Life = { closed: false };
      const key = `${workflow.id}:${node.id}`;
      const earlier = this.lives.get(key);
      this.lives.set(key, life);
      const context = this.triggerContext(workflow, node, main, staticData, mode, life);
      try {
        const response = await (node.type.trigger as (this: ITriggerFunctions) => Promise<ITriggerResponse>).call(
          context,
        );
        // Once it has begun anew, nothing comes of its start before.
        if (earlier) earlier.closed = true;
        const current = this.published.get(workflow.id) === workflow && this.main === main;
        const close = async () => {
          await response.closeFunction?.();
          life.closed = true;
        };
        if (current) this.closers.set(key, close);
        else await close();
      } catch (error) {
        this.onDefect?.(`activation of ${node.name}`, error);
      }
    }
    if (workflow.everyMs !== undefined) this.schedule(workflow, main, workflow.everyMs);
    this.store(workflow.id, staticData, main);
  }

  private schedule(workflow: Workflow, main: SimulatedProcess, everyMs: number): void {
    this.scheduler.after(everyMs, main, `schedule of ${workflow.id}`, () => {
      if (this.published.get(workflow.id) !== workflow) return;
      this.emit(workflow.id, [], main, undefined);
      this.schedule(workflow, main, everyMs);
    });
  }

  /** Somebody executes a workflow now. */
  runNow(id: string): void {
    if (this.main) this.emit(id, [], this.main, undefined);
  }

  /** Somebody stops whatever a workflow is at. */
  cancelRuns(id: string): void {
    for (const execution of this.executions) if (execution.workflow === id) execution.cancel?.();
  }

  /** Static data as it is now is on its way into the database. */
  private store(workflow: string, staticData: IDataObject, process: SimulatedProcess): void {
    const text = JSON.stringify(staticData);
    this.scheduler.after(this.random.between(1, 15), process, 'static data stored', () => {
      this.staticData.set(workflow, text);
      this.onStored?.(workflow, text);
    });
  }

  private triggerContext(
    workflow: Workflow,
    node: FlowNode,
    main: SimulatedProcess,
    staticData: IDataObject,
    mode: 'init' | 'activate' | 'leadershipChange',
    life: Life,
  ): ITriggerFunctions {
    const { read, ...common } = commonContext(node);
    const trigger = `${workflow.id}: ${node.name}`;
    const activation = ++this.activated;
    this.activations.set(trigger, activation);
    return {
      ...common,
      getMode: () => 'trigger',
      getActivationMode: () => mode,
      getWorkflow: () => ({ id: workflow.id, name: workflow.id, active: true }),
      getWorkflowSettings: () => ({ executionTimeout: workflow.timeoutSeconds }),
      getWorkflowStaticData: () => staticData,
      getNodeParameter: (path: string, fallback: unknown, more?: { extractValue?: boolean }) =>
        read(path, fallback, more),
      helpers: { createDeferredPromise },
      emit: (data: INodeExecutionData[][], _response: unknown, done?: Done) => {
        if (life.closed) this.onBroken?.('a closed trigger is silent', `${node.name} delivered after it was closed`);
        this.store(workflow.id, staticData, main);
        this.emit(workflow.id, data[0] ?? [], main, done);
      },
      saveFailedExecution: (error: Error & { level?: string }) =>
        this.incidents.push({
          atMs: this.scheduler.now,
          trigger,
          activation,
          message: error.message,
          isAllClear: error.level === 'info',
        }),
    } as unknown as ITriggerFunctions;
  }

  private emit(
    workflow: string,
    items: readonly INodeExecutionData[],
    main: SimulatedProcess,
    done: Done | undefined,
  ): void {
    const execution: Execution = {
      workflow,
      items: JSON.stringify(items),
      status: 'new',
      emitter: main,
      done: done && ((status) => done.resolve({ status } as unknown as IRun)),
      gaveUp: done && (() => done.reject(new Error('The execution was cancelled'))),
    };
    this.scheduler.after(this.random.between(2, 30), main, 'an execution is in the database', () => {
      this.executions.push(execution);
      // What has been in the way for long is forgotten: n8n keeps executions for days, and looks at none that has ended.
      if (this.executions.length > 100) this.forgetEnded();
      this.scheduler.after(this.random.between(1, 10), this.options.queueMode ? undefined : main, 'it begins', () => {
        if (this.options.queueMode) this.giveOut();
        else void this.execute(execution, main);
      });
    });
  }

  private forgetEnded(): void {
    const open = this.executions.filter(({ status }) => status === 'new' || status === 'running');
    this.executions.splice(0, this.executions.length, ...open);
  }

  /** Queue mode: whatever waits goes to workers. */
  private giveOut(): void {
    for (const execution of this.executions) {
      if (execution.status !== 'new' || this.workers.length === 0) continue;
      const worker = this.random.pick(this.workers);
      if (!worker.enter()) continue;
      void this.execute(execution, worker);
    }
  }

  /** Runs an execution in a process, and says how it ended where that can be said. */
  private async execute(execution: Execution, process: SimulatedProcess): Promise<void> {
    const workflow = this.published.get(execution.workflow);
    if (!workflow) return;
    execution.status = 'running';
    const { queueMode } = this.options;
    if (queueMode) this.watchWorker(execution, process);
    const stop = new AbortController();
    const cancel = () => {
      if (execution.status !== 'running') return;
      execution.status = 'canceled';
      stop.abort(new Error('timeout'));
      // In queue mode nobody ever hears of it.
      if (!queueMode) this.answer(execution, () => execution.gaveUp?.());
    };
    const timeoutMs = workflow.timeoutSeconds * 1000;
    const overTime = this.scheduler.after(timeoutMs, process, 'the time of a run is over', cancel);
    execution.cancel = () => {
      if (process.alive && process.enter()) cancel();
    };
    let status: 'success' | 'error' = 'success';
    try {
      await workflow.run(JSON.parse(execution.items) as INodeExecutionData[], {
        process,
        signal: stop.signal,
        n8n: this,
      });
    } catch (error) {
      status = 'error';
      if (execution.status === 'running') this.onRunFailed?.(execution.workflow, error);
    }
    if (execution.status !== 'running') return;
    overTime();
    await process.take(this.random.between(1, 20), 'the end of a run is stored');
    if (execution.status !== 'running') return;
    execution.status = status;
    this.answer(execution, () => execution.done?.(status));
  }

  /** Tells the process that emitted it, if that is still there. */
  private answer({ emitter }: Execution, tell: () => void): void {
    this.scheduler.after(this.random.between(1, 30), emitter, 'a run has ended', tell);
  }

  private watchWorker(execution: Execution, worker: SimulatedProcess): void {
    const look = () => {
      if (execution.status !== 'running') return;
      if (!worker.alive && this.workers.length > 0) {
        execution.status = 'error';
        this.answer(execution, () => execution.done?.('error'));
        return;
      }
      this.scheduler.after(STALLED_MS, undefined, 'stalled jobs are looked for', look);
    };
    this.scheduler.after(STALLED_MS, undefined, 'stalled jobs are looked for', look);
  }
}
