import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { N8N_VERSION } from '../sandbox/n8n-host/install';

/** What the figures were taken on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly n8n: string;
  /** Of the last minute, when the benchmark began. Above zero, something else ran too. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    processor: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    n8n: N8N_VERSION,
    load: loadavg()[0] ?? 0,
  };
}
