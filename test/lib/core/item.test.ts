import { readChange, readDelivery, readOutcome } from '../../../lib/core/item';
import { upsert } from '../../support/builders';

const HINT = 'It comes from the trigger.';
const place = { index: 4, hint: HINT };
const row = upsert({ firstname: 'Ada' }) as unknown as Record<string, unknown>;

describe('readOutcome', () => {
  it('gives the outcome that an earlier node has set, and nothing where there is none', () => {
    const outcome = { status: 'skipped', code: 'FILTERED_OUT', engineCalls: 0 };
    expect(readOutcome({ outcome }, place)).toBe(outcome);
    expect(readOutcome({}, place)).toBeUndefined();
  });

  it.each([null, 'rejected', 7, [], {}, { status: 'done' }, { status: 'constructor' }, { status: '__proto__' }])(
    'refuses %j: nobody knows where such an item belongs',
    (outcome) => {
      expect(() => readOutcome({ outcome }, place)).toThrow(
        expect.objectContaining({
          code: 'OUTCOME_UNKNOWN',
          message: 'Item 4 has an "outcome" without a known status.',
          hint: expect.stringContaining(HINT),
        }),
      );
    },
  );
});

describe('readDelivery', () => {
  const delivery = { trigger: 'w:n', number: 3, attempt: 1, until: '2026-11-21T12:00:00.000Z' };

  it('gives the delivery of an item, and nothing where it came with none', () => {
    expect(readDelivery({ delivery })).toBe(delivery);
    expect(readDelivery({})).toBeUndefined();
  });

  it.each([
    null,
    'w:n',
    {},
    { ...delivery, until: 'soon' },
    { ...delivery, until: '' },
    { ...delivery, until: 1_800_000_000_000 },
    { ...delivery, number: -1 },
    { ...delivery, number: 1.5 },
    { ...delivery, number: NaN },
    { ...delivery, attempt: '1' },
    { ...delivery, trigger: '' },
  ])('rejects the item whose delivery is %j: its time limit could not be kept', (broken) => {
    expect(() => readDelivery({ delivery: broken })).toThrow(
      expect.objectContaining({ name: 'RejectedRecordError', code: 'DELIVERY_UNREADABLE', field: 'delivery' }),
    );
  });
});

describe('readChange', () => {
  it('gives a change as it is, with everything else that is in it', () => {
    const json = { ...row, more: 1 };
    expect(readChange(json, place, 'record')).toBe(json);
  });

  it('gives labels to one that lost them, since the mapping asks for them', () => {
    expect(readChange({ ...row, labels: undefined }, place, 'record')).toEqual({ ...row, labels: {} });
  });

  it('asks nothing of an item that has its outcome already', () => {
    const json = { outcome: { status: 'rejected', code: 'TOO_LONG', engineCalls: 0 } };
    expect(readChange(json, place, 'target')).toBe(json);
  });

  it.each([
    ['record', { ...row, record: null }, 'it has no record'],
    ['record', { ...row, record: ['Ada'] }, 'it has no record'],
    ['record', { ...row, id: '' }, 'it has no id'],
    ['nothing', { ...row, id: 5 }, 'it has no id'],
    ['nothing', { ...row, change: 'Upsert' }, 'neither "upsert" nor "delete"'],
    ['target', { ...row }, 'it has no target'],
    ['target', { ...row, target: { resource: 'profile', api: 'a', key: {} } }, 'names no resource, API or key field'],
  ] as const)('refuses an item of another shape where the %s is needed', (needs, json, why) => {
    expect(() => readChange(json, place, needs)).toThrow(
      expect.objectContaining({ code: 'NOT_A_CHANGE', message: expect.stringContaining(why), hint: HINT }),
    );
  });
});
