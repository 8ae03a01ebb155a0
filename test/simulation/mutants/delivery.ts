import type { Mutant } from './mutant';

const FEED_LOOP = 'lib/sync/feed/feed-loop.ts';
const DELIVERY_LOOP = 'lib/sync/delivery/delivery-loop.ts';
const DELIVERIES = 'lib/sync/delivery/deliveries.ts';
const KEYED_BATCH = 'lib/sync/delivery/keyed-batch.ts';
const START_TRIGGER = 'nodes/shared/start-trigger.ts';

/** Faults in handing batches over, in what counts as done, and in what keeps late runs from writing. */
export const delivery: readonly Mutant[] = [
  {
    name: 'The checkpoint is saved before the batch is accepted',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: FEED_LOOP,
        find: '        await this.deliver(step.changes);',
        replace:
          '        this.checkpoint = { ...this.checkpoint, position: step.next };\n        await this.deliver(step.changes);',
      },
    ],
  },
  {
    name: 'A page that was read ahead is delivered before the batch is accepted',
    breaks: ['the checkpoint is never ahead', 'no older value over a newer one', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: FEED_LOOP,
        find: '        await this.deliver(step.changes);',
        replace:
          '        const accepted = this.deliver(step.changes);\n        accepted.catch(() => undefined);\n        if (step.idle) await accepted;',
      },
    ],
  },
  {
    name: 'A run that failed counts as done',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: DELIVERY_LOOP,
        find: "status === 'success' ? { kind: 'done' }",
        replace: "status !== undefined ? { kind: 'done' }",
      },
    ],
  },
  {
    name: 'A run that n8n gave up counts as done',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: DELIVERY_LOOP,
        find: "(): Verdict => ({ kind: 'given-up' })",
        replace: "(): Verdict => ({ kind: 'done' })",
      },
    ],
  },
  {
    name: 'A run that nobody hears of any more counts as done',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [{ file: DELIVERY_LOOP, find: "({ kind: 'no-response' }));", replace: "({ kind: 'done' }));" }],
  },
  {
    name: 'A run that was superseded goes on writing',
    breaks: ['no older value over a newer one'],
    flows: ['contacts'],
    changes: [
      {
        file: DELIVERIES,
        find: 'return !latest || (latest.number',
        replace: 'return !latest || latest.attempt > 0 || (latest.number',
      },
    ],
  },
  {
    name: 'A run goes on writing when the time of its delivery is over',
    breaks: ['no older value over a newer one'],
    flows: ['contacts'],
    changes: [
      { file: DELIVERIES, find: 'if (!(nowMs < Date.parse(delivery.until))) return false;', replace: '' },
      {
        file: 'lib/sync/delivery/write-fence.ts',
        find: 'const until = earliestEnd(delivered);',
        replace: 'const until = earliestEnd([]);',
      },
    ],
  },
  {
    name: 'Two runs write one record at the same time',
    breaks: ['no older value over a newer one', 'nothing is doubled'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/sync/delivery/key-locks.ts',
        find: 'this.waiting.set(key, []);\n      return undefined;\n    }',
        replace: '}\n    if (key !== undefined) return undefined;',
      },
      {
        file: 'lib/sync/delivery/key-locks.ts',
        find: 'const queue = this.waiting.get(key);',
        replace: 'const queue: Waiter[] = [];',
      },
    ],
  },
  {
    name: 'In queue mode, the trigger does not wait for the run of before a crash',
    breaks: ['no older value over a newer one'],
    flows: ['contacts'],
    changes: [
      {
        file: 'nodes/shared/deliver-batch.ts',
        find: 'if (options.queueMode && leftMs > 0) {',
        replace: 'if (options.queueMode && leftMs > 0 && untilIso === null) {',
      },
    ],
  },
  {
    name: 'In queue mode, the trigger does not wait until the time of a run that was given up is over',
    breaks: ['no older value over a newer one'],
    flows: ['contacts'],
    changes: [
      {
        file: DELIVERY_LOOP,
        find: 'const overMs = untilMs + GRACE_MS;',
        replace: 'const overMs = deps.clock.now() + 1_000;',
      },
    ],
  },
  {
    name: 'A batch ends with its first rejected record and counts as done',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: KEYED_BATCH,
        find: 'outcomes[index] = await work(index, context);',
        replace:
          "const before = outcomes.some((each, at) => at < index && each?.status === 'rejected');\n      outcomes[index] = before ? { status: 'unchanged', engineCalls: 0 } : await work(index, context);",
      },
    ],
  },
  {
    name: 'Rejected records leave through no output',
    breaks: ['every item has one outcome'],
    flows: ['contacts'],
    changes: [
      {
        file: 'nodes/shared/route-by-outcome.ts',
        find: 'const outcome = outcomes[index] as Outcome;',
        replace: "const outcome = outcomes[index] as Outcome;\n    if (outcome.status === 'rejected') return;",
      },
      { file: 'nodes/shared/route-by-outcome.ts', find: '  requireAllOut(items, outputs);\n', replace: '' },
    ],
  },
  {
    name: 'A trigger gives up after an error at its start',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: START_TRIGGER,
        find: 'await this.clock.sleep(beginning.failed(error, this.options.longestRetryPauseMs), this.signal);\n        continue;',
        replace: 'beginning.failed(error, this.options.longestRetryPauseMs);\n        return;',
      },
    ],
  },
  {
    name: 'A trigger gives up after an error while it reads',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: FEED_LOOP,
        find: 'await host.clock.sleep(this.outage.failed(error, options.longestRetryPauseMs), options.signal);',
        replace:
          'this.outage.failed(error, options.longestRetryPauseMs);\n        return await new Promise(() => undefined);',
      },
    ],
  },
  {
    name: 'A trigger that was closed goes on delivering',
    breaks: ['a closed trigger is silent', 'no older value over a newer one'],
    flows: ['contacts'],
    changes: [
      { file: START_TRIGGER, find: "stopping.abort(new Error('The trigger was stopped'));", replace: '' },
      { file: START_TRIGGER, find: 'await within(LONGEST_CLOSE_MS, ended, clock);', replace: '' },
    ],
  },
  {
    name: 'A trigger that is started a second time does not end its first loop',
    breaks: ['no older value over a newer one', 'a closed trigger is silent'],
    flows: ['contacts'],
    changes: [
      {
        file: START_TRIGGER,
        find: "before?.abort(new Error('The trigger was started again'));",
        replace: '',
      },
    ],
  },
  {
    name: 'An outage is told again with each failed try',
    breaks: ['an incident is told once'],
    flows: ['contacts'],
    changes: [{ file: 'lib/sync/delivery/outage.ts', find: 'if (!this.told.has(code) && (', replace: 'if ((' }],
  },
  {
    name: 'The end of an outage is never told',
    breaks: ['an incident is cleared once'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/sync/delivery/outage.ts',
        find: 'if (this.told.size > 0) this.host.allClear(this.over);',
        replace: "if (this.told.size > 0) this.host.log('info', this.over);",
      },
    ],
  },
];
