import { setTimeout as sleep } from 'node:timers/promises';
import type { Credential, WorkflowJson } from '../sandbox/n8n-host/rest';
import { startN8n, type N8nHandle } from '../sandbox/n8n-host/start-n8n';

/** n8n's own services settle before anything is measured. */
const SETTLE_MS = 5_000;

/** Bytes of n8n's main process (resident). */
export interface MemoryUse {
  /** Before the workflow was started. */
  readonly idle: number;
  /** The median of the second half of the run. */
  readonly steady: number;
  readonly most: number;
  /** The medians of the second and of the last quarter of the run: what grows with the work would show between them. */
  readonly early: number;
  readonly late: number;
}

export interface N8nRun<T> {
  readonly result: T;
  /** Of n8n's main process, from the start of the workflow on: everything that it did. */
  readonly cpuMs: number;
  /** When the workflow was started, in epoch milliseconds. */
  readonly startedAt: number;
  readonly memory: MemoryUse;
}

export interface N8nRunOptions<T> {
  readonly workflow: string | WorkflowJson;
  readonly credentials: readonly Credential[];
  readonly progress: (line: string) => void;
  /** More variables for n8n, for a profiler for instance. */
  readonly env?: Readonly<Record<string, string>>;
  start(n8n: N8nHandle, workflowId: string): Promise<void>;
  /** Waits for the end, calling `sample` now and then. */
  ended(sample: () => Promise<void>): Promise<T>;
}

/**
 * Runs one workflow in an n8n of its own, from the start of the workflow to its end, and measures n8n meanwhile.
 *
 * @throws Error with the end of n8n's log
 */
export async function runInN8n<T>(options: N8nRunOptions<T>): Promise<N8nRun<T>> {
  const { workflow, credentials, progress, env } = options;
  const n8n = await startN8n({
    credentials,
    progress,
    workflows: [{ workflow, publish: false }],
    ...(env ? { env } : {}),
  });
  try {
    const [id] = n8n.workflowIds.values();
    if (id === undefined) throw new Error('The workflow was not imported.');
    await sleep(SETTLE_MS);
    const idle = (await n8n.memory()).now;
    const samples: number[] = [];
    const cpuStart = await n8n.cpuMs();
    const startedAt = Date.now();
    await options.start(n8n, id);
    const result = await options.ended(async () => void samples.push((await n8n.memory()).now));
    const cpuMs = (await n8n.cpuMs()) - cpuStart;
    if (env) await n8n.stop();
    return { result, cpuMs, startedAt, memory: memoryUse(idle, samples) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nn8n's log ends with:\n${await n8n.logTail(20)}`, { cause: error });
  } finally {
    await n8n.close();
  }
}

function memoryUse(idle: number, samples: readonly number[]): MemoryUse {
  const part = (from: number, to: number) =>
    median(samples.slice(Math.floor(from * samples.length), Math.ceil(to * samples.length)));
  return {
    idle,
    steady: part(0.5, 1),
    most: samples.reduce((most, each) => Math.max(most, each), idle),
    early: part(0.25, 0.5),
    late: part(0.75, 1),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
