import type { Round } from '../../../sandbox/demo/demo';
import { isComplete, isSettled, notRejected, type Measured } from '../../../sandbox/demo/figures';
import type { N8nHandle } from '../../../sandbox/n8n-host/start-n8n';
import { isOk, resultOf } from '../../../sandbox/demo/result';
import { stallError, StallWatch, STALLED_AFTER_MS } from '../../../sandbox/demo/wait';

const one = { expected: 1, arrived: 1 };
const measured = (changes: Partial<Measured> = {}): Measured => ({
  contacts: 10,
  profiles: 10,
  backlog: 0,
  rejected: 0,
  engineCalls: 10,
  runsFailed: 0,
  optOuts: { onBothSides: 3, waiting: 0 },
  timeline: { send: one, open: one, click: one, bounce: one },
  differences: [],
  optOutDifferences: [],
  timelineDifferences: [],
  eventsWaiting: 0,
  ...changes,
});
const person = { contactId: 'a', channel: 'e-mail', seconds: 1, rule: 'CAMPAIGN_NEWER_OPT_OUT', words: 'because' };
const campaign = {
  campaign: 'C',
  delivery: 'D',
  messages: 9,
  leftOut: 1,
  sentToOptedOut: 0,
  seconds: 1,
  contactId: null,
};
const round = (changes: Partial<Round> = {}): Round => ({
  optOuts: [
    { ...person, from: 'campaign' },
    { ...person, from: 'dynamics' },
  ],
  campaign,
  changesSeconds: 1,
  ...changes,
});

describe('records that were rejected', () => {
  const rejected = [
    { recordTable: 'contact', recordId: 'a', code: 'TOO_LONG' },
    { recordTable: 'opt-out', recordId: 'b', code: 'PROFILE_NOT_FOUND' },
    { recordTable: 'contact', recordId: 'x', code: 'TOO_LONG' },
  ];
  const left = (...ids: string[]) => notRejected(ids, (id) => id, rejected, 'contact');

  it('are told from those that wait by their ID, not by how many they are', () => {
    expect(left('a')).toEqual([]);
    expect(left('c', 'd')).toEqual(['c', 'd']);
  });

  it('count under their own name only', () => {
    expect(left('a', 'b')).toEqual(['b']);
  });
});

describe('the story of the demo', () => {
  it.each<Partial<Measured>>([{ backlog: 1 }, { optOuts: { onBothSides: 3, waiting: 1 } }, { eventsWaiting: 1 }])(
    'is not at rest while %j',
    (changes) => {
      expect(isSettled(measured())).toBe(true);
      expect(isSettled(measured(changes))).toBe(false);
    },
  );

  it.each<Partial<Measured>>([
    { differences: [{ id: 'a', kind: 'different', field: 'email' }], rejected: 1 },
    { optOutDifferences: [{ id: 'a', column: 'donotemail' }] },
    { timelineDifferences: [{ kind: 'surplus', event: 'send a', contactId: 'a' }] },
  ])('is not complete with %j, though nothing waits', (changes) => {
    expect(isComplete(measured())).toBe(true);
    expect(isSettled(measured(changes))).toBe(true);
    expect(isComplete(measured(changes))).toBe(false);
  });

  it('is ok when all of it arrived', () => {
    expect(isOk(measured(), round(), 15)).toBe(true);
  });

  it.each<[string, Partial<Round> | undefined, Partial<Measured>, number]>([
    ['it stalled', undefined, {}, 15],
    ['no field was compared', {}, {}, 0],
    ['a record differs', {}, { differences: [{ id: 'a', kind: 'missing' }] }, 15],
    ['no campaign went out', {}, { timeline: undefined }, 15],
    ['nobody opted out in Campaign', { optOuts: [{ ...person, from: 'dynamics' }] }, {}, 15],
    ['nobody opted out in Dynamics 365', { optOuts: [{ ...person, from: 'campaign' }] }, {}, 15],
    [
      'a decision was not kept',
      {
        optOuts: [
          { ...person, from: 'campaign', rule: null },
          { ...person, from: 'dynamics' },
        ],
      },
      {},
      15,
    ],
    ['somebody who opted out got mail', { campaign: { ...campaign, sentToOptedOut: 1 } }, {}, 15],
  ])('is not ok when %s', (_, told, changes, fields) => {
    const result = resultOf(measured(changes), told && round(told), fields);
    expect(result.ok).toBe(false);
  });

  it('is given up when nothing has moved for three minutes, and not before', () => {
    let now = 0;
    const watch = new StallWatch(() => now);
    expect(watch.isStalled(measured({ backlog: 5 }))).toBe(false);
    now += STALLED_AFTER_MS;
    expect(watch.isStalled(measured({ backlog: 5 }))).toBe(false);
    now += 1;
    // Attempts in vain are no progress.
    expect(watch.isStalled(measured({ backlog: 5, engineCalls: 99, runsFailed: 9 }))).toBe(true);
    expect(watch.isStalled(measured({ backlog: 4 }))).toBe(false);
  });

  it('ends with what it waited for, what is missing, the latest failure and the end of the log', async () => {
    const rest = {
      executions: async () => await Promise.resolve([{ id: '7' }]),
      execution: async () => await Promise.resolve({ data: { resultData: { error: { message: 'Out of reach' } } } }),
    };
    const n8n = { rest, logTail: async () => await Promise.resolve('last line') } as unknown as N8nHandle;
    const stalled = measured({
      differences: [{ id: 'a', kind: 'different', field: 'email' }],
      optOutDifferences: [{ id: 'b', column: 'donotemail' }],
      timelineDifferences: Array.from({ length: 6 }, (_, id) => ({
        kind: 'missing' as const,
        event: `open ${id}`,
        contactId: 'c',
      })),
    });
    const error = await stallError('the opt-out of b', stalled, n8n);
    expect(error.measured).toBe(stalled);
    expect(error.message.split('\n')).toEqual([
      'Nothing has moved for 180 s. Waited in vain for the opt-out of b.',
      'Records that differ: 1, a different (email)',
      'Opt-outs on one side only: 1, b donotemail',
      'Events that differ: 6, open 0 missing, open 1 missing, open 2 missing, open 3 missing, open 4 missing ...',
      'The latest failed execution: Out of reach',
      "n8n's log ends with:",
      'last line',
    ]);
  });
});
