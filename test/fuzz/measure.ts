import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a part may take: far above what it does take, since other programs use the machine too. */
export const BOUNDS = {
  /** Longest time in which nothing else of the process was done, in milliseconds. */
  blockedMs: 3_000,
  /** Memory of the process above what it had at the start, in MB: what is alive is much less than what was not yet collected. */
  memoryMb: 1_024,
} as const;

export interface Measured {
  readonly seconds: number;
  readonly blockedMs: number;
  readonly memoryMb: number;
}

const MB = 1024 * 1024;
const SAMPLE_EVERY_MS = 50;

/** Runs something, and measures how long it keeps the event loop and how much memory it takes. */
export async function measured<T>(run: () => Promise<T>): Promise<{ result: T; figures: Measured }> {
  const before = process.memoryUsage().rss;
  let most = before;
  const sample = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), SAMPLE_EVERY_MS);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const started = performance.now();
  try {
    const result = await run();
    most = Math.max(most, process.memoryUsage().rss);
    const seconds = (performance.now() - started) / 1000;
    return { result, figures: { seconds, blockedMs: delay.max / 1e6, memoryMb: (most - before) / MB } };
  } finally {
    delay.disable();
    clearInterval(sample);
  }
}

/** What is above its bound; empty where nothing is. */
export function aboveBounds({ blockedMs, memoryMb }: Measured): string[] {
  const above: string[] = [];
  if (blockedMs > BOUNDS.blockedMs) above.push(`the event loop was kept for ${Math.round(blockedMs)} ms`);
  if (memoryMb > BOUNDS.memoryMb) above.push(`the memory grew by ${Math.round(memoryMb)} MB`);
  return above;
}
