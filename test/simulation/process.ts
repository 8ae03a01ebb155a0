import type { Clock } from '../../lib/core/clock';
import { enterProcess, ProcessWide, type Surroundings } from '../../nodes/shared/process-wide';
import type { Owner, Scheduler } from './scheduler';

/** The clock of one process: it may be set, and may differ from those of others. What is waited for is not moved by that. */
export class ProcessClock implements Clock {
  private readonly startedAt: number;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly owner: Owner,
    /** By how much it differs from the true time. */
    public offsetMs: number,
  ) {
    this.startedAt = scheduler.now;
  }

  now(): number {
    return this.scheduler.now + this.offsetMs;
  }

  elapsed(): number {
    return this.scheduler.now - this.startedAt;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.scheduler.after(ms, this.owner, 'wait', () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(ms: number, callback: () => void): () => void {
    return this.scheduler.after(ms, this.owner, 'timer', callback);
  }
}

/** A process stands still for so long once so many of its operations have ended. */
export interface PlannedStall {
  readonly process: 'main' | 'worker';
  readonly atWake: number;
  readonly ms: number;
}

/** A process of n8n: what it holds in memory, and its end at any moment. */
export class SimulatedProcess implements Owner {
  alive = true;
  readonly wide: ProcessWide;
  readonly clock: ProcessClock;
  /** How often something of this process went on. */
  wakes = 0;
  /** The process is killed when it would go on for this time. */
  killAtWake = Infinity;
  /** The process stands still for so long when it would go on for this time: a machine that is paused, or starved. */
  stall: PlannedStall | undefined;
  standsUntilMs = 0;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    surroundings: (process: SimulatedProcess) => Surroundings,
    private readonly onKill: (process: SimulatedProcess) => void,
    offsetMs: number,
  ) {
    this.clock = new ProcessClock(scheduler, this, offsetMs);
    this.wide = new ProcessWide(surroundings(this));
  }

  enter(): boolean {
    if (++this.wakes >= this.killAtWake) {
      this.kill();
      return false;
    }
    if (this.stall && this.wakes >= this.stall.atWake) {
      this.standsUntilMs = this.scheduler.now + this.stall.ms;
      this.stall = undefined;
    }
    enterProcess(this.wide);
    return true;
  }

  /** As `kill -9`: nothing of it goes on, not even to clean up. What it sent is on its way. */
  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.onKill(this);
  }

  /** An operation of this process that takes so long. */
  take(ms: number, what: string): Promise<void> {
    return new Promise((resolve) => this.scheduler.after(ms, this, what, resolve));
  }
}
