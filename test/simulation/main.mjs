// npm run test:simulate -- [--histories N] [--seed S] [--flow contacts|...|all] [--workers W] [--first N]
//                          [--replay HISTORY | --plan JSON]
//
// Plays histories of the whole sync in a simulated world, on all cores, and prints what it met. Exit code 1 when a
// promise was broken: the history is shrunk then, and printed with what replays it.
import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleSimulation } from './bundle.mjs';
import { wholeNumber } from './whole-number.mjs';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '2000' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '20261121' },
    flow: { type: 'string', default: 'all' },
    workers: { type: 'string', default: String(availableParallelism()) },
    failures: { type: 'string', default: '3' },
    replay: { type: 'string' },
    plan: { type: 'string' },
  },
});

const histories = wholeNumber(values, 'histories');
const first = wholeNumber(values, 'first', 0);
const seed = wholeNumber(values, 'seed', 0);
const workers = Math.min(wholeNumber(values, 'workers'), histories);
const mostFailures = wholeNumber(values, 'failures');
const folder = mkdtempSync(join(tmpdir(), 'simulation-'));
const script = join(folder, 'worker.cjs');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await bundleSimulation(script);
const nodePath = { ...process.env, NODE_PATH: join(import.meta.dirname, '../../node_modules') };
/** @param {string[]} args */
const ask = (...args) => spawnSync(process.execPath, [script, ...args], { env: nodePath, encoding: 'utf8' }).stdout;

const FLOWS = ask('flows').split(' ');
if (values.flow !== 'all' && !FLOWS.includes(values.flow)) {
  console.error(`There is no flow "${values.flow}": ${[...FLOWS, 'all'].join(', ')}.`);
  process.exit(2);
}

if (values.replay !== undefined || values.plan !== undefined) {
  const which = JSON.stringify({ flow: values.flow, seed, history: Number(values.replay) });
  const plan = values.plan ?? ask('plan', which);
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', script, 'replay', plan], {
    env: nodePath,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

const total = { histories: 0, steps: 0, kills: 0 };
/** @type {Map<string, number>} */
const faults = new Map();
const states = new Set();
let failed = 0;
const startedAt = Date.now();
let toldAt = startedAt;

/**
 * What a worker tells of its histories (worker.ts).
 *
 * @typedef {object} Progress
 * @property {number} histories
 * @property {number} steps
 * @property {number} kills
 * @property {Record<string, number>} faults
 * @property {string[]} states
 * @property {{ history: number, violation: { invariant: string, detail: string, step: number }, plan: object }} [failure]
 */

/** @param {Progress} progress */
function take(progress) {
  total.histories += progress.histories;
  total.steps += progress.steps;
  total.kills += progress.kills;
  for (const [fault, times] of Object.entries(progress.faults)) faults.set(fault, (faults.get(fault) ?? 0) + times);
  for (const state of progress.states) states.add(state);
  if (progress.failure) {
    failed++;
    const { history, violation, plan } = progress.failure;
    console.log(`\nBROKEN in history ${history}: ${violation.invariant}`);
    console.log(`  ${violation.detail} (step ${violation.step})`);
    console.log(`  whole:  npm run test:simulate -- --flow ${values.flow} --seed ${seed} --replay ${history}`);
    console.log(`  shrunk: npm run test:simulate -- --plan '${JSON.stringify(plan)}'\n`);
  }
  if (Date.now() - toldAt > 15_000) {
    toldAt = Date.now();
    const seconds = (toldAt - startedAt) / 1000;
    console.log(`${total.histories} of ${histories} histories, ${Math.round(total.histories / seconds)} a second`);
  }
}

const codes = await Promise.all(
  Array.from({ length: workers }, (_, index) => {
    const worker = fork(script, [], { env: nodePath, execArgv: ['--enable-source-maps', '--max-semi-space-size=128'] });
    worker.on('message', take);
    worker.send({
      flows: values.flow === 'all' ? FLOWS : [values.flow],
      seed,
      from: first + index,
      step: workers,
      until: first + histories,
      mostFailures,
    });
    return new Promise((resolve) => worker.on('exit', resolve));
  }),
);

const seconds = (Date.now() - startedAt) / 1000;
console.log(
  `${total.histories} histories (${values.flow}), seed ${seed}: ${(total.histories / seconds).toFixed(0)} a second, ` +
    `${total.steps} awaits ended, ${total.kills} processes killed at one of them, ${states.size} situations at kills`,
);
console.log(`faults: ${[...faults].map(([fault, times]) => `${fault} ${times}`).join(', ') || 'none'}`);
console.log(failed > 0 ? `${failed} histories broke a promise` : '0 violations');
if (failed > 0 || codes.some((code) => code !== 0) || total.histories < histories) process.exitCode = 1;
