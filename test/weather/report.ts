import type { WeatherArguments } from './arguments';
import type { PublishCounts } from './blows';
import { differences, type RejectedRow, type Verdict } from './judge';
import type { ChangeCounts } from './people';
import type { EndCounts } from './processes';

/** What came of a run. */
export interface WeatherReport {
  readonly options: WeatherArguments;
  readonly rounds: number;
  /** Of the weather itself, with the start of n8n. */
  readonly minutes: number;
  /** From the end of the faults to the end. */
  readonly restSeconds: number;
  readonly ends: EndCounts;
  readonly publishes: PublishCounts;
  readonly changes: ChangeCounts;
  readonly faults: ReadonlyMap<string, number>;
  readonly rejected: readonly RejectedRow[];
  readonly verdict: Verdict;
  /** What n8n says, where something differs. */
  readonly log: string;
}

/** So many differences are named; more of them say nothing new. */
const SHOWN = 20;

/** True where nothing was lost, doubled or wrong, and nothing was left over. */
export function isGood({ verdict }: WeatherReport): boolean {
  return differences(verdict).length === 0;
}

/** The report for a person, line by line. */
export function reportLines(report: WeatherReport): string[] {
  const { options, ends, publishes, changes, verdict } = report;
  const { lost, doubled, wrong, waiting, compared } = verdict;
  const all = differences(verdict);
  return [
    `seed ${options.seed}, ${options.queue ? 'queue mode' : 'regular mode'}: ${report.rounds} rounds in ` +
      `${report.minutes.toFixed(1)} min, at rest after ${Math.round(report.restSeconds)} s`,
    `kill -9 of n8n: ${ends.mainKilled + ends.workersKilled} (main process ${ends.mainKilled}, ` +
      `workers ${ends.workersKilled}); stopped in order: ${ends.stopped}; frozen: ${ends.frozen}; ended by themselves: ` +
      `${ends.endedByThemselves}; starts that failed: ${ends.startsFailed}`,
    `published with another mapping: ${publishes.published}; cut off: ${publishes.cutOff}`,
    `changes: ${inOrder(Object.entries(changes) as [string, number][])}`,
    `faults that struck: ${inOrder([...report.faults])}`,
    `compared: ${inOrder(Object.entries(compared))}`,
    `rejected in the end: ${inOrder([...codes(report.rejected)]) || 'none'}`,
    `lost: ${lost.length}`,
    `doubled: ${doubled.length}`,
    `wrong: ${wrong.length}`,
    `left waiting: ${waiting.length}`,
    ...all.slice(0, SHOWN).map((each) => `  ${each}`),
    ...(all.length > SHOWN ? [`  ... and ${all.length - SHOWN} more`] : []),
    ...(report.log ? [report.log] : []),
    isGood(report) ? 'All sides agree.' : `FAILED; repeat it with --seed ${options.seed}`,
  ];
}

function codes(rejected: readonly RejectedRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { recordTable, code } of rejected) {
    const name = `${recordTable} ${code}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function inOrder(entries: readonly (readonly [string, number])[]): string {
  return [...entries]
    .sort(([, left], [, right]) => right - left)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
