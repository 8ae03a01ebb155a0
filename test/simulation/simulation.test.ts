import found from './found.json';
import { FLOW_NAMES } from './flows/index';
import { drawPlan, play, type Plan, type TraceLine } from './history';
import { SeededRandom } from './random';
import { Scheduler, unwatchImmediates, watchImmediates } from './scheduler';
import { shrink } from './shrink';

beforeAll(watchImmediates);
afterAll(unwatchImmediates);

const traceOf = async (plan: Plan): Promise<string[]> => {
  const lines: string[] = [];
  const write = ({ step, atMs, owner, what }: TraceLine) => lines.push(`${step} ${atMs} ${owner} ${what}`);
  await play(plan, write);
  return lines;
};

describe.each(FLOW_NAMES)('a simulated history of the flow %s', (flow) => {
  it('goes the same way, step by step, each time that it is played', async () => {
    for (const seed of [1, 2, 3]) {
      const plan = drawPlan(flow, seed);
      const first = await traceOf(plan);
      expect(first.length).toBeGreaterThan(20);
      expect(await traceOf(plan)).toEqual(first);
    }
  });

  it('goes another way with another seed', async () => {
    expect(await traceOf(drawPlan(flow, 1))).not.toEqual(await traceOf(drawPlan(flow, 2)));
  });
});

describe('a history that once broke a promise', () => {
  it.each(Object.entries(found))('holds: %s', async (_what, plan) => {
    expect((await play(plan as unknown as Plan)).violation).toBeUndefined();
  });
});

describe('a failing history', () => {
  it('is shrunk to what it fails by', async () => {
    const actions = Array.from({ length: 20 }, (_, at) => ({ atMs: at, kind: 'change', subject: at, value: 0 }));
    const plan = { ...drawPlan('contacts', 1), actions, kills: [5, 6, 7] };
    const violation = { invariant: 'nothing is lost', detail: '', step: 1, atMs: 0 };
    const fails = async (candidate: Plan) => {
      const subjects = candidate.actions.map(({ subject }) => subject);
      return subjects.includes(3) && subjects.includes(14) && candidate.kills.includes(6) ? violation : undefined;
    };
    const shortest = await shrink(plan, violation, { fails });
    expect(shortest.actions.map(({ subject }) => subject)).toEqual([3, 14]);
    expect(shortest.kills).toEqual([6]);
    expect(shortest.faults).toEqual([]);
  });
});

describe('the scheduler', () => {
  const owner = { name: 'main', alive: true, standsUntilMs: 0, enter: () => true };

  it('ends operations in the order of their times, whatever the order in which they began', async () => {
    const scheduler = new Scheduler(new SeededRandom(1));
    const ended: number[] = [];
    for (const ms of [30, 10, 20, 40]) scheduler.after(ms, owner, 'wait', () => ended.push(ms));
    await scheduler.run(() => true);
    expect(ended).toEqual([10, 20, 30, 40]);
  });

  it('lets nothing of a process go on that was killed, and what stands still goes on afterwards', async () => {
    const scheduler = new Scheduler(new SeededRandom(1));
    const ended: string[] = [];
    const killed = { ...owner, alive: true };
    const still = { ...owner, standsUntilMs: scheduler.now + 50 };
    scheduler.after(10, killed, 'wait', () => ended.push('killed'));
    scheduler.after(10, still, 'wait', () => ended.push('still'));
    scheduler.after(20, undefined, 'world', () => ended.push('world'));
    killed.alive = false;
    await scheduler.run(() => true);
    expect(ended).toEqual(['world', 'still']);
  });
});
