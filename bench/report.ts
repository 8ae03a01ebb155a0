import type { BareResult } from './bare-client';
import type { ExportRun } from './exports';
import type { FlowResult } from './flow';
import type { Machine } from './machine';
import type { MemoryUse } from './n8n-run';
import type { PureResult } from './pure';

export interface Level {
  readonly inFlight: number;
  readonly contacts: number;
  readonly template: FlowResult;
  /** Before the template and after it. */
  readonly bare: readonly [BareResult, BareResult];
}

export interface MemoryRun {
  readonly contacts: number;
  readonly flow: FlowResult;
}

export interface Figures {
  readonly machine: Machine;
  pure?: PureResult;
  readonly levels: Level[];
  /** n8n's stock nodes. */
  stock?: FlowResult;
  /** Few contacts, then ten times as many. */
  readonly memory: MemoryRun[];
  /** Few rows, then ten times as many. */
  readonly exports: ExportRun[];
  /** n8n's stock nodes with the few rows. */
  stockExport?: ExportRun;
}

/** What is to be reached: share of the bare client's pace by calls in flight. */
const LEAST_SHARE: Readonly<Record<number, number>> = { 10: 0.9, 50: 0.8 };
const MOST_CPU_MS = 1;
const LEAST_PURE = 200_000;
/** A garbage-collected process never holds exactly the same: this much more counts as flat. */
const FLAT = 1.15;

/** The template's pace as a share of the bare client's (the mean of its two runs). */
export function shareOfBare({ template, bare }: Level): number {
  return template.recordsPerSecond / ((bare[0].recordsPerSecond + bare[1].recordsPerSecond) / 2);
}

/** The figures in words, a line each, with what is to be reached. */
export function report({ machine, pure, levels, stock, memory, exports, stockExport }: Figures): string {
  const lines = [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, n8n ${machine.n8n}, load ${machine.load.toFixed(1)}`,
  ];
  if (pure) {
    lines.push(
      '',
      'Filter, replacements and mapping alone, one core',
      `  ${count(pure.recordsPerSecond)} records/s, ${count(pure.recordsPerCpuSecond)} per second of processor time${verdict(pure.recordsPerCpuSecond >= LEAST_PURE, `${count(LEAST_PURE)}`)}`,
    );
  }
  for (const level of levels) {
    const { template, bare, inFlight } = level;
    const least = LEAST_SHARE[inFlight];
    const share = shareOfBare(level);
    lines.push(
      '',
      `${count(level.contacts)} contacts, ${inFlight} calls in flight`,
      `  bare client   ${bare.map((run) => `${run.recordsPerSecond.toFixed(0)} records/s`).join(' before, ')} after; ${ms(bare[0].cpuMsPerRecord)} of processor time per record`,
      `  template      ${template.recordsPerSecond.toFixed(0)} records/s, ${share.toFixed(2)} of the bare client${least === undefined ? '' : verdict(share >= least, least.toFixed(1))}`,
      `                ${ms(template.cpuMsPerRecord)} of processor time per record${verdict(template.cpuMsPerRecord <= MOST_CPU_MS, `${MOST_CPU_MS} ms at most`)}`,
      `                ${template.wholeSeconds.toFixed(1)} s from activation to the last write; at most ${template.inFlight} calls in flight`,
      `                ${memoryOf(template.memory)}`,
    );
  }
  if (stock) {
    const [, fast = levels[0]] = levels;
    lines.push(
      '',
      `n8n's stock nodes, ${count(stock.profiles)} contacts`,
      `  ${stock.recordsPerSecond.toFixed(0)} records/s while it writes, ${(stock.profiles / stock.wholeSeconds).toFixed(0)} over the whole run, ${ms(stock.cpuMsPerRecord)} of processor time per record`,
      `  ${memoryOf(stock.memory)}`,
    );
    if (fast) {
      const pace = fast.template.profiles / fast.template.wholeSeconds / (stock.profiles / stock.wholeSeconds);
      lines.push(
        `  the template is ${pace.toFixed(1)} times as fast over the whole run, and takes ${(stock.cpuMsPerRecord / fast.template.cpuMsPerRecord).toFixed(0)} times less processor time`,
      );
    }
  }
  if (memory.length > 0) {
    lines.push('', "n8n's memory");
    for (const { contacts, flow } of memory) {
      lines.push(
        `  ${count(contacts)} contacts: ${memoryOf(flow.memory)} (${flow.recordsPerSecond.toFixed(0)} records/s)`,
      );
    }
    const [few, many] = memory;
    if (few && many) {
      const growth = many.flow.memory.steady / few.flow.memory.steady;
      lines.push(
        `  ${growth.toFixed(2)} times as much for ten times the contacts${verdict(growth <= FLAT, `${FLAT} at most`)}`,
      );
    }
  }
  if (exports.length > 0) {
    lines.push('', 'Exports through the template, one row in a thousand an event');
    lines.push(...exports.map((run) => `  ${exportOf(run)}`));
    const [few, many] = exports;
    if (few && many) {
      const { early, late } = many.memory;
      lines.push(
        `  with ${count(many.rows)} rows ${mb(early)} in the second quarter of the run and ${mb(late)} in the last: ${(late / early).toFixed(2)} times as much${verdict(late / early <= FLAT, `${FLAT} at most`)}`,
        `  ${(many.memory.steady / few.memory.steady).toFixed(2)} times the memory at work for ten times the rows`,
      );
    }
    if (few && stockExport) {
      const grown = ({ memory: { idle, most } }: ExportRun) => Math.max(1, most - idle);
      lines.push(
        `  n8n's stock nodes: ${exportOf(stockExport)}`,
        `  the template takes ${(grown(few) / grown(stockExport)).toFixed(2)} of their memory over idle, and ${(few.cpuMicrosPerRow / stockExport.cpuMicrosPerRow).toFixed(2)} of their processor time`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function memoryOf({ idle, steady, most }: MemoryUse): string {
  return `memory ${mb(idle)} idle, ${mb(steady)} at work, ${mb(most)} at most`;
}

function exportOf({ rows, megabytes, seconds, cpuMicrosPerRow, memory }: ExportRun): string {
  return `${count(rows)} rows (${megabytes.toFixed(0)} MB): ${seconds.toFixed(0)} s, ${count(rows / seconds)} rows/s, ${cpuMicrosPerRow.toFixed(0)} µs of processor time per row, ${memoryOf(memory)}`;
}

function verdict(reached: boolean, goal: string): string {
  return ` (goal ${goal}: ${reached ? 'reached' : 'missed'})`;
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const ms = (value: number): string => `${value.toFixed(2)} ms`;
const mb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
