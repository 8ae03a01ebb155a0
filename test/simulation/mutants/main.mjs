// npm run test:mutants -- [--only PART_OF_NAME ...] [--histories N] [--seed S] [--workers W] [--seconds T] [--write]
//
// Breaks the product's code on purpose, one fault at a time, and plays histories until one breaks the promise that has to
// break: a simulator that finds none of these faults would find no real one. Exit code 1 when a fault is not found, or
// when a change no longer fits the source. --write puts what was found into docs/delivery-guarantees.md.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { bundleSimulation } from '../bundle.mjs';
import { MUTANTS } from './index.js';
import { withTable } from './table.js';
import { wholeNumber } from '../whole-number.mjs';

/** @typedef {import('./mutant.js').Mutant} Mutant */
/** @typedef {import('./table.js').Finding} Finding */
/** @typedef {import('../worker.js').Progress} Progress */
/** @typedef {{ finding?: Finding, histories: number, others: Set<string>, problem?: string }} Hunt */

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    histories: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '20261121' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seconds: { type: 'string', default: '600' },
    write: { type: 'boolean', default: false },
  },
});

const histories = wholeNumber(values, 'histories');
const seed = wholeNumber(values, 'seed', 0);
const seconds = wholeNumber(values, 'seconds');
const parts = values.only.map((part) => part.toLowerCase());
const wanted = MUTANTS.filter(({ name }) => !parts.length || parts.some((part) => name.toLowerCase().includes(part)));
if (wanted.length === 0) {
  console.error(`No mutant has "${values.only.join('" or "')}" in its name.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/**
 * Plays histories in a process of its own until one breaks a promise of the mutant. One process for each mutant: so its
 * number of histories is the same in every run.
 *
 * @param {Mutant} mutant
 * @param {number} index
 * @returns {Promise<Hunt>}
 */
async function hunt({ name, breaks, flows, changes }, index) {
  const script = join(folder, `${index}.cjs`);
  /** @type {Hunt} */
  const result = { histories: 0, others: new Set() };
  try {
    await bundleSimulation(script, changes);
  } catch (error) {
    return { ...result, problem: error instanceof Error ? error.message : String(error) };
  }
  const worker = fork(script, [], {
    env: { ...process.env, NODE_PATH: join(import.meta.dirname, '../../../node_modules') },
    // What a broken product says when it fails is not what is looked for here.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const tooLong = setTimeout(() => {
    result.problem = `no finding in ${seconds} s`;
    worker.kill('SIGKILL');
  }, seconds * 1000);
  worker.on('message', (/** @type {Progress} */ progress) => {
    result.histories += progress.histories;
    if (!progress.failure || result.finding) return;
    const { violation, history, plan } = progress.failure;
    if (breaks.includes(violation.invariant)) {
      result.finding = { mutant: name, flow: plan.flow, promise: violation.invariant, histories: history + 1 };
      worker.kill('SIGKILL');
    } else result.others.add(violation.invariant);
  });
  worker.send({ flows, seed, from: 0, step: 1, until: histories, mostFailures: histories, shrink: false });
  const code = await new Promise((resolve) => worker.on('exit', resolve));
  clearTimeout(tooLong);
  rmSync(script, { force: true });
  if (!result.finding && !result.problem && code !== 0) result.problem = `the process ended with code ${code}`;
  return result;
}

/** @type {Finding[]} */
const findings = [];
let open = 0;
const startedAt = Date.now();

async function takeTurns() {
  while (open < wanted.length) {
    const index = open++;
    const mutant = /** @type {Mutant} */ (wanted[index]);
    const { finding, histories: played, others, problem } = await hunt(mutant, index);
    if (finding) {
      findings[index] = finding;
      console.log(`found after ${finding.histories} histories (${finding.flow}): ${mutant.name} [${finding.promise}]`);
    } else {
      const broke = others.size > 0 ? ` Other promises broke: ${[...others].join(', ')}.` : '';
      console.log(`NOT FOUND in ${played} histories${problem ? ` (${problem})` : ''}: ${mutant.name}.${broke}`);
      console.log(`  It has to break: ${mutant.breaks.join(', or ')}.`);
    }
  }
}

await Promise.all(Array.from({ length: Math.min(wholeNumber(values, 'workers'), wanted.length) }, takeTurns));
const found = findings.filter(Boolean);
console.log(
  `${found.length} of ${wanted.length} mutants found, seed ${seed}, at most ${histories} histories each, ` +
    `${Math.round((Date.now() - startedAt) / 1000)} s`,
);
if (found.length < wanted.length) process.exitCode = 1;
if (values.write) {
  const page = join(import.meta.dirname, '../../../docs/delivery-guarantees.md');
  const names = MUTANTS.map(({ name }) => name);
  const options = await resolveConfig(page);
  const written = withTable(readFileSync(page, 'utf8'), found, names);
  writeFileSync(page, await format(written, { ...options, parser: 'markdown' }));
}
