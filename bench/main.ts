// npm run bench: how fast the flow is, beside what is possible and beside what n8n does without us.
import { readFile } from 'node:fs/promises';
import { mappedPairs } from '../sandbox/oracles/mapped-pairs';
import type { Pair } from '../sandbox/oracles/contacts';
import type { WorkflowJson } from '../sandbox/n8n-host/rest';
import { USAGE, parseBenchArguments, type Part } from './arguments';
import { runBareClient } from './bare-client';
import { runExport, runStockExport } from './exports';
import { TEMPLATE, runStockNodes, runTemplate } from './flow';
import { describeMachine } from './machine';
import { benchPure } from './pure';
import { report, type Figures, type Level, type MemoryRun } from './report';
import { Systems } from './systems';

/** Calls in flight, and how many contacts make a run of about half a minute with them. */
const LEVELS = [
  { inFlight: 10, contacts: 3_000 },
  { inFlight: 50, contacts: 10_000 },
] as const;

/** n8n's stock nodes are slow and hold all contacts at once; fewer say as much. */
const STOCK_CONTACTS = 500;
const MEMORY_CONTACTS = 10_000;

const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function withSystems<T>(contacts: number, work: (systems: Systems) => Promise<T>): Promise<T> {
  const systems = await Systems.start(contacts);
  try {
    return await work(systems);
  } finally {
    await systems.close();
  }
}

/** The bare client before and after the template: a machine that others use changes its pace meanwhile. */
async function benchLevel(contacts: number, inFlight: number, pairs: readonly Pair[]): Promise<Level> {
  return await withSystems(contacts, async (systems) => {
    const title = `${contacts} contacts, ${inFlight} calls in flight`;
    progress(`${title}: bare client ...`);
    const before = await runBareClient(systems, pairs, inFlight);
    progress(`${title}: template in n8n ...`);
    const template = await runTemplate({ systems, inFlight, profiles: contacts, progress });
    progress(`${title}: bare client again ...`);
    const after = await runBareClient(systems, pairs, inFlight);
    return { inFlight, contacts, template, bare: [before, after] };
  });
}

async function benchStock(contacts: number): Promise<Level['template']> {
  return await withSystems(contacts, async (systems) => {
    progress(`${contacts} contacts: n8n's stock nodes ...`);
    return await runStockNodes({ systems, inFlight: 50, profiles: contacts, progress });
  });
}

async function benchMemory(contacts: number): Promise<MemoryRun> {
  return await withSystems(contacts, async (systems) => {
    progress(`${contacts} contacts: n8n's memory ...`);
    return { contacts, flow: await runTemplate({ systems, inFlight: 50, profiles: contacts, progress }) };
  });
}

async function main(): Promise<void> {
  const { parts, contacts, rows, json, help } = parseBenchArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const figures: Figures = { machine: describeMachine(), levels: [], memory: [], exports: [] };
  try {
    await measure(figures, parts, contacts, rows);
  } finally {
    // What was measured before something went wrong is still worth having.
    process.stdout.write(json ? `${JSON.stringify(figures)}\n` : report(figures));
  }
}

async function measure(
  figures: Figures,
  parts: readonly Part[],
  contacts: number | undefined,
  rows: number,
): Promise<void> {
  if (parts.includes('pure')) figures.pure = benchPure();
  if (parts.includes('flow')) {
    const pairs = mappedPairs(JSON.parse(await readFile(TEMPLATE, 'utf8')) as WorkflowJson);
    for (const level of LEVELS) {
      figures.levels.push(await benchLevel(contacts ?? level.contacts, level.inFlight, pairs));
    }
    figures.stock = await benchStock(Math.min(contacts ?? STOCK_CONTACTS, STOCK_CONTACTS));
  }
  if (parts.includes('memory')) {
    const few = contacts ?? MEMORY_CONTACTS;
    for (const count of [few, 10 * few]) figures.memory.push(await benchMemory(count));
  }
  if (parts.includes('exports')) {
    for (const count of [rows, 10 * rows]) {
      progress(`an export of ${count} rows: template in n8n ...`);
      figures.exports.push(await runExport(count, progress));
    }
    progress(`an export of ${rows} rows: n8n's stock nodes ...`);
    figures.stockExport = await runStockExport(rows, progress);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
