import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './run-command';
import { plainEnvironment } from './folders';

export interface ProcessOptions {
  readonly bin: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly logFile: string;
  /** Arguments of Node itself, e.g. `--inspect`. @default none */
  readonly nodeArguments?: readonly string[];
  /** Removed when this process is gone without having closed n8n. */
  readonly removeFolder?: string;
}

/** Process groups that are alive; ended with this process. */
const groups = new Set<number>();
process.on('exit', () => groups.forEach(killGroup));

/** One running n8n process (main or worker) with everything that it starts, as one process group. */
export class N8nProcess {
  private readonly child: ChildProcess;
  /** Settles when the process is gone; says how. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private isEnded = false;

  constructor(private readonly options: ProcessOptions) {
    const log = openSync(options.logFile, 'a');
    this.child = spawn(
      process.execPath,
      [
        '--require',
        join(__dirname, 'process-guard.cjs'),
        ...(options.nodeArguments ?? []),
        options.bin,
        ...options.args,
      ],
      {
        cwd: options.cwd,
        env: { ...options.env, ...(options.removeFolder ? { N8N_HOST_REMOVE_FOLDER: options.removeFolder } : {}) },
        stdio: ['ignore', log, log, 'pipe'],
        detached: true, // a process group of its own
      },
    );
    closeSync(log);
    const { pid } = this.child;
    if (pid) groups.add(pid);
    this.ended = new Promise((resolve) => {
      this.child.once('error', () => resolve({ code: null, signal: null }));
      this.child.once('exit', (code, signal) => {
        this.isEnded = true;
        if (pid) {
          killGroup(pid); // the task runner, should it outlive n8n
          groups.delete(pid);
        }
        this.child.stdio[3]?.destroy();
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return !this.isEnded;
  }

  /**
   * Waits for a response with status 200.
   *
   * @throws Error with the log's last lines when the process ends first or does not answer in time.
   */
  async waitUntilAnswers(url: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (!this.running) throw new Error(`n8n ended while it was starting.\n${await this.logTail()}`);
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.status === 200) return;
      if (Date.now() > deadline) throw new Error(`n8n did not start within ${timeoutMs} ms.\n${await this.logTail()}`);
      await sleep(50);
    }
  }

  /** SIGKILL of n8n and all that it started. */
  async kill(): Promise<void> {
    if (this.running && this.pid) killGroup(this.pid);
    await this.ended;
  }

  /** SIGTERM, as a service manager stops n8n; SIGKILL after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => killGroup(this.pid), timeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Holds n8n and all that it started, as a machine does that is paused; `goOn` ends that. */
  freeze(): void {
    this.signalGroup('SIGSTOP');
  }

  goOn(): void {
    this.signalGroup('SIGCONT');
  }

  private signalGroup(signal: NodeJS.Signals): void {
    if (this.running && this.pid) process.kill(-this.pid, signal);
  }

  /** The last lines that n8n wrote. */
  async logTail(lines = 40): Promise<string> {
    const text = await readFile(this.options.logFile, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Memory held now and the most that was held since the start, in bytes; of n8n itself, without its task runner. */
  async memory(): Promise<{ now: number; most: number }> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => undefined);
    const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status ?? '')?.[1] ?? 0);
    if (status) return { now: kilobytes('VmRSS') * 1024, most: kilobytes('VmHWM') * 1024 };
    const size = await runCommand('ps', ['-o', 'rss=', '-p', String(this.pid)], { cwd: '/', env: plainEnvironment() });
    return { now: Number(size) * 1024, most: Number(size) * 1024 };
  }

  /** Processor time used since the start, in milliseconds (Linux; elsewhere 0). */
  async cpuMs(): Promise<number> {
    const stat = await readFile(`/proc/${this.pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10; // in ticks of 10 ms
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nothing of it is left
  }
}
