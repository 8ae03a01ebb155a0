import type { WorkerHandle } from '../../sandbox/n8n-host/queue-mode';
import type { N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import type { ProcessName } from './plan';

/** Kills and ends of n8n's processes, for the report. */
export interface EndCounts {
  /** `kill -9` of a running process. */
  mainKilled: number;
  workersKilled: number;
  /** SIGTERM. */
  stopped: number;
  /** SIGSTOP, as of a machine that is paused. */
  frozen: number;
  /** Ended by themselves, as without Redis or Postgres, and started again. */
  endedByThemselves: number;
  /** A start that failed, and was tried again. */
  startsFailed: number;
}

/** One of n8n's processes, whichever it is. */
type Process = Pick<WorkerHandle, 'running' | 'kill' | 'stop' | 'freeze' | 'goOn' | 'restart'>;

/** So often a process is started that does not come up; Postgres may be coming up too. */
const MOST_STARTS = 6;

/** n8n's main process and its workers: ends them, and brings them back as a service manager does. */
export class Processes {
  readonly counts: EndCounts = {
    ...{ mainKilled: 0, workersKilled: 0, stopped: 0, frozen: 0, endedByThemselves: 0, startsFailed: 0 },
  };
  private readonly ended = new Set<ProcessName>();

  constructor(private readonly n8n: N8nHandle) {}

  get kills(): number {
    return this.counts.mainKilled + this.counts.workersKilled;
  }

  /** Those that run now. @returns whose names were killed */
  async kill(who: readonly ProcessName[]): Promise<void> {
    const running = who.filter((name) => this.processOf(name).running);
    for (const name of running) {
      this.ended.add(name);
      if (name === 'main') this.counts.mainKilled++;
      else this.counts.workersKilled++;
    }
    await Promise.all(running.map(async (name) => await this.processOf(name).kill()));
  }

  /** SIGTERM, and waits for the orderly end. */
  async stop(who: readonly ProcessName[]): Promise<void> {
    const running = who.filter((name) => this.processOf(name).running);
    for (const name of running) this.ended.add(name);
    this.counts.stopped += running.length;
    await Promise.all(running.map(async (name) => await this.processOf(name).stop()));
  }

  /** Holds them, and lets them go on after `meanwhile`. */
  async freeze(who: readonly ProcessName[], meanwhile: () => Promise<void>): Promise<void> {
    const running = who.map((name) => this.processOf(name)).filter((process) => process.running);
    this.counts.frozen += running.length;
    for (const process of running) process.freeze();
    try {
      await meanwhile();
    } finally {
      for (const process of running) process.goOn();
    }
  }

  /** Starts everything that does not run. @throws Error when something does not come up however often it is tried */
  async bringUp(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const down = this.names.filter((name) => !this.processOf(name).running);
      if (down.length === 0) return;
      if (attempt > MOST_STARTS)
        throw new Error(`n8n does not come up: ${down.join(', ')}.\n${await this.n8n.logTail()}`);
      this.counts.endedByThemselves += down.filter((name) => !this.ended.has(name)).length;
      for (const name of down) this.ended.delete(name);
      const starts = await Promise.allSettled(down.map(async (name) => await this.processOf(name).restart()));
      // A start that was cut off by a kill is none that failed.
      this.counts.startsFailed += starts.filter(
        ({ status }, index) => status === 'rejected' && !this.ended.has(down[index] as ProcessName),
      ).length;
    }
  }

  private get names(): ProcessName[] {
    return ['main', ...this.n8n.workers.map((_, index) => index as ProcessName)];
  }

  private processOf(name: ProcessName): Process {
    const found = name === 'main' ? this.n8n : this.n8n.workers[name];
    if (!found) throw new Error(`There is no worker ${name}.`);
    return found;
  }
}
