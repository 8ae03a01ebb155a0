import { execFileSync } from 'node:child_process';
import { isGood, reportLines } from '../weather/report';
import { runWeather } from '../weather/weather';

jest.setTimeout(1_200_000);

/** A stop, a kill, a publish that is cut off by one, and a kill after which n8n is killed twice while it starts. */
const SEED = 1345;
const KILLS = 5;

/** Processes that this one has started and that are still there. */
function children(): string[] {
  const lines = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.endsWith(' ps'));
}

describe('all templates at once in a real n8n, in bad weather', () => {
  it(`agree with the oracles after ${KILLS} kill -9 with faults, and leave nothing running`, async () => {
    const before = children();
    const options = { minutes: 15, kills: KILLS, seed: SEED, queue: false, people: 80, keep: undefined, help: false };
    const report = await runWeather(options, (line) => void process.stdout.write(`${line}\n`));
    process.stdout.write(`${reportLines(report).join('\n')}\n`);
    expect(report.verdict).toMatchObject({ lost: [], doubled: [], wrong: [], waiting: [] });
    expect(isGood(report)).toBe(true);
    expect(report.ends.mainKilled).toBeGreaterThanOrEqual(KILLS);
    expect(report.faults.size).toBeGreaterThan(3);
    const { contacts, mustBeOut, events } = report.verdict.compared;
    for (const compared of [contacts, mustBeOut, events]) expect(compared).toBeGreaterThan(20);
    expect(children()).toEqual(before);
  });
});
