import { FLOW_NAMES, type FlowName } from './flows/index';
import { drawPlan, play, type Plan, type TraceLine, type Violation } from './history';
import { watchImmediates } from './scheduler';
import { shrink } from './shrink';

/** What a worker is told to play: `count` histories from `from` on, every `step`-th. */
export interface Order {
  readonly flows: readonly FlowName[];
  readonly seed: number;
  readonly from: number;
  readonly step: number;
  readonly until: number;
  /** Failing histories after which it ends. */
  readonly mostFailures: number;
  /** Whether failing histories are shrunk. @default true */
  readonly shrink?: boolean;
}

export interface Failure {
  readonly history: number;
  readonly violation: Violation;
  readonly plan: Plan;
}

/** What a worker has done since its last report. */
export interface Progress {
  readonly histories: number;
  readonly steps: number;
  readonly kills: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Situations at kills that it had not met before. */
  readonly states: readonly string[];
  readonly failure?: Failure;
  readonly ended: boolean;
}

const REPORT_EVERY_MS = 1_000;

/** Of ten histories, so many of each flow: one that costs three times as much is played less often. */
const SHARES: readonly FlowName[] = [
  ...['contacts', 'opt-outs', 'contacts', 'contacts', 'opt-outs', 'contacts', 'contacts', 'opt-outs', 'contacts'],
  'timeline',
] as FlowName[];

/** The n-th history of a run: which flow, and a seed of its own. */
export function planOf(flows: readonly FlowName[], seed: number, history: number): Plan {
  const shares = flows.length === 1 ? flows : SHARES.filter((flow) => flows.includes(flow));
  const flow = shares[history % shares.length] as FlowName;
  return drawPlan(flow, (Math.imul(seed, 0x9e3779b1) + history) >>> 0);
}

async function work(order: Order, report: (progress: Progress) => void): Promise<void> {
  const known = new Set<string>();
  let failures = 0;
  let since = Date.now();
  let done = { histories: 0, steps: 0, kills: 0, faults: {} as Record<string, number>, states: [] as string[] };
  const tell = (more: { failure?: Failure; ended: boolean }) => {
    report({ ...done, ...more });
    done = { histories: 0, steps: 0, kills: 0, faults: {}, states: [] };
    since = Date.now();
  };
  for (let history = order.from; history < order.until && failures < order.mostFailures; history += order.step) {
    const plan = planOf(order.flows, order.seed, history);
    const played = await play(plan);
    done.histories++;
    done.steps += played.steps;
    done.kills += played.kills;
    for (const [fault, count] of played.faults) done.faults[fault] = (done.faults[fault] ?? 0) + count;
    for (const state of played.states) {
      if (known.has(state)) continue;
      known.add(state);
      done.states.push(state);
    }
    if (played.violation) {
      failures++;
      const shortest = order.shrink === false ? plan : await shrink(plan, played.violation);
      const { violation } = shortest === plan ? played : await play(shortest);
      tell({ failure: { history, violation: violation ?? played.violation, plan: shortest }, ended: false });
    } else if (Date.now() - since > REPORT_EVERY_MS) tell({ ended: false });
  }
  tell({ ended: true });
}

/** Plays one history and writes what happened, a line for each step. */
async function replay(plan: Plan): Promise<void> {
  let startMs: number | undefined;
  const write = ({ step, atMs, owner, what }: TraceLine) => {
    startMs ??= atMs;
    const seconds = ((atMs - startMs) / 1000).toFixed(3);
    process.stdout.write(`${String(step).padStart(6)} ${seconds.padStart(10)} s  ${owner.padEnd(9)} ${what}\n`);
  };
  const { violation, steps } = await play(plan, write);
  process.stdout.write(
    violation
      ? `\nBroken at step ${violation.step}: ${violation.invariant}: ${violation.detail}\n`
      : `\nHeld, ${steps} steps.\n`,
  );
}

watchImmediates();
// Most errors of a history are foreseen: nobody reads where they come from.
Error.stackTraceLimit = 0;
const [what, text = '{}'] = process.argv.slice(2);
if (what === 'replay') void replay(JSON.parse(text) as Plan);
else if (what === 'flows') process.stdout.write(FLOW_NAMES.join(' '));
else if (what === 'plan') {
  const { flow, seed, history } = JSON.parse(text) as { flow: string; seed: number; history: number };
  const flows = flow === 'all' ? FLOW_NAMES : [flow as FlowName];
  process.stdout.write(JSON.stringify(planOf(flows, seed, history)));
} else
  process.on(
    'message',
    (order: Order) => void work(order, (progress) => void process.send?.(progress)).then(() => process.disconnect()),
  );
