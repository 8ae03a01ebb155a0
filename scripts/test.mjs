// Everything that proves the project, in order, with a summary (npm test). `npm test -- unit lint` runs these steps
// only.
//
// Its last line is `N passed, N failed, N skipped`: the tests of all steps; a step that is no test (build, lint ...)
// counts as one failed when it fails. Exit code 1 when anything failed.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPackageOf, findProgram, needsOf } from './system-programs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reports = mkdtempSync(join(tmpdir(), 'test-reports-'));
const isCi = process.env['CI'] === 'true' || process.env['CI'] === '1';
/** A test that leaves something running would hold up everything after it. */
const GRACE_AFTER_REPORT_MS = 60_000;

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} [npm] the script of package.json that it runs; any other step is a jest project of its name
 * @property {string[]} [jest] further arguments for jest
 */
/** @typedef {{ ok: boolean, passed: number, failed: number, skipped: number }} Result */
/** @typedef {Result & { names: Map<string, string[]> }} JestResult with the tests of each file */

/** @type {Step[]} */
const STEPS = [
  { name: 'build', npm: 'build' },
  { name: 'typecheck', npm: 'typecheck' },
  { name: 'lint', npm: 'lint' },
  { name: 'unit', jest: [] },
  { name: 'contract', jest: [] },
  { name: 'package', jest: [] },
  { name: 'workflow', jest: [] },
  { name: 'simulate', npm: 'test:simulate:short' },
  // Each test has an n8n of its own and waits for it most of the time.
  { name: 'e2e', jest: ['--maxWorkers=2'] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length) {
  console.error(`There is no step ${unknown.join(', ')}. Steps: ${STEPS.map((step) => step.name).join(', ')}`);
  process.exit(2);
}

/** @type {(Result & { name: string, seconds: number })[]} */
const results = [];
/** @type {{ file: string, needs: string[], tests: string[] }[]} */
const leftOut = [];
try {
  for (const step of STEPS) {
    if (wanted.length && !wanted.includes(step.name)) continue;
    announce(`${step.name} ...`);
    const startedAt = Date.now();
    const result = step.npm ? await runScript(step.npm) : await runTests(step);
    const seconds = (Date.now() - startedAt) / 1000;
    results.push({ ...result, name: step.name, seconds });
    announce(`${step.name}: ${result.ok ? 'ok' : 'FAILED'} in ${seconds.toFixed(1)} s`);
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}
summarise();

/** @param {string} text */
function announce(text) {
  console.log(`\n=== ${text}`);
}

/**
 * @param {string} script
 * @returns {Promise<Result>}
 */
async function runScript(script) {
  const code = await run('npm', ['run', '--silent', script]);
  return { ok: code === 0, passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * One jest project, without the files that need a program that this machine lacks.
 *
 * @param {Step} step
 */
async function runTests({ name, jest = [] }) {
  const folder = name === 'unit' ? 'test' : `test/${name}`;
  const others = /^test\/(contract|workflow|e2e|package)\//;
  const files = globSync(`${folder}/**/*.test.ts`, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => name !== 'unit' || !others.test(file))
    .sort();
  if (!files.length) return { ok: true, passed: 0, failed: 0, skipped: 0 };
  /** @param {string} file */
  const missing = (file) => needsOf(join(root, file)).filter((need) => !findProgram(need));
  const runnable = files.filter((file) => !missing(file).length);
  const hindered = files.filter((file) => missing(file).length);

  const total = { ok: true, passed: 0, failed: 0, skipped: 0 };
  if (runnable.length) add(total, await runJest(name, [...jest, '--runTestsByPath', ...runnable]));
  if (hindered.length) {
    // A name that no test has: jest lists the tests of these files without running any.
    const listed = await runJest(
      `${name}-left-out`,
      ['--silent', '--testNamePattern', '^\\0$', '--runTestsByPath', ...hindered],
      name,
    );
    for (const file of hindered) leftOut.push({ file, needs: missing(file), tests: listed.names.get(file) ?? [] });
    add(total, isCi ? { ok: false, passed: 0, failed: listed.skipped || 1, skipped: 0 } : { ...listed, ok: true });
  }
  return total;
}

/**
 * @param {string} reportName
 * @param {string[]} args
 * @returns {Promise<JestResult>}
 */
async function runJest(reportName, args, project = reportName) {
  const report = join(reports, `${reportName}.json`);
  const code = await run(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--selectProjects', project, '--json', `--outputFile=${report}`, ...args],
    report,
  );
  if (!existsSync(report)) return { ok: false, passed: 0, failed: 1, skipped: 0, names: new Map() };
  /**
   * @typedef {{ name: string, assertionResults: { fullName: string }[] }} FileReport
   * @typedef {'numFailedTests' | 'numRuntimeErrorTestSuites'} Failures
   * @typedef {Failures | 'numPassedTests' | 'numPendingTests' | 'numTodoTests'} Count
   * @type {Record<Count, number> & { testResults: FileReport[] }}
   */
  const json = JSON.parse(readFileSync(report, 'utf8'));
  const names = new Map(
    json.testResults.map(({ name, assertionResults }) => [
      name.slice(root.length + 1).replaceAll('\\', '/'),
      assertionResults.map(({ fullName }) => fullName),
    ]),
  );
  const failed = json.numFailedTests + json.numRuntimeErrorTestSuites;
  return {
    ok: code === 0,
    passed: json.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: json.numPendingTests + json.numTodoTests,
    names,
  };
}

/**
 * Runs a program with our output.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} [report] the file that jest writes at its end: it is killed when it does not end after that
 * @returns {Promise<number>} its exit code; 1 where it could not be started or was killed
 */
async function run(command, args, report) {
  // jest prints its report on stdout as well when --json is given; a person reads stderr
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', report ? 'ignore' : 'inherit', 'inherit'] });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => child.kill(signal));
  let watch;
  if (report) {
    let reportedAt = 0;
    watch = setInterval(() => {
      if (!reportedAt && existsSync(report)) reportedAt = Date.now();
      if (reportedAt && Date.now() - reportedAt > GRACE_AFTER_REPORT_MS) {
        console.error('The tests are done but left something running; ending them. This counts as a failure.');
        child.kill('SIGKILL');
      }
    }, 1_000);
  }
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  clearInterval(watch);
  return code;
}

/** @type {(total: Result, part: Result) => void} */
function add(total, part) {
  total.ok &&= part.ok;
  for (const kind of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[kind] += part[kind];
}

function summarise() {
  announce('summary');
  for (const { name, ok, seconds, passed, failed, skipped } of results) {
    const counts = passed + failed + skipped ? `${passed} passed, ${failed} failed, ${skipped} skipped` : '';
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(7)} s  ${counts}`);
  }
  if (leftOut.length) {
    console.log('\nLeft out, because programs of the system are missing:');
    for (const { file, needs, tests } of leftOut) {
      console.log(`  ${file} (needs ${needs.join(', ')})`);
      for (const test of tests) console.log(`    - ${test}`);
    }
    const packages = [...new Set(leftOut.flatMap(({ needs }) => needs.map(debianPackageOf)))];
    console.log(`They run after: apt-get install ${packages.join(' ')}`);
    if (isCi) console.log('CI is set, so this is a failure.');
  }
  /** @param {'passed' | 'failed' | 'skipped'} kind */
  const sum = (kind) => results.reduce((count, result) => count + result[kind], 0);
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
}
