import { DYNAMICS_PRECISION_MS, readTime, timeOrder } from '../../../../lib/sync/opt-out/time';

const context = { nowMs: Date.parse('2026-11-21T17:00:00Z'), futureToleranceMs: 300_000 };
const read = (value: unknown, precision?: number) => readTime(value, 'x', context, precision);

describe('a time', () => {
  it.each([
    ['2026-11-21T16:30:00Z', '2026-11-21T16:30:00.000Z'],
    ['2026-11-21 16:30:00.304Z', '2026-11-21T16:30:00.304Z'],
    ['2026-11-21T16:30:00+02:00', '2026-11-21T14:30:00.000Z'],
    ['2026-11-21 12:30:00 -0330', '2026-11-21T16:00:00.000Z'],
    ['2024-02-29T00:00:00z', '2024-02-29T00:00:00.000Z'],
    ['  2026-11-21T16:30Z ', '2026-11-21T16:30:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('is read as the instant that it names: %s', (text, iso) => {
    expect(read(text)).toMatchObject({ status: 'known', iso });
  });

  it.each([
    '2026-11-21T16:30:00',
    '2026-11-21',
    '21/11/2026 16:30:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T16:60:00Z',
    '2026-11-21T16:30:00+25:00',
    'yesterday',
    ' ',
    1_700_000_000_000,
    true,
    {},
    Number.NaN,
  ])('without zone, or that is not one, is unreadable: %p', (value) => {
    expect(read(value)).toMatchObject({ status: 'unreadable', iso: null });
  });

  it.each([undefined, null, ''])('that is not there is missing: %p', (value) => {
    expect(read(value).status).toBe('missing');
  });

  it('counts as in the future only past the tolerance', () => {
    expect(read('2026-11-21T17:05:00.000Z').status).toBe('known');
    expect(read('2026-11-21T17:05:00.001Z').status).toBe('future');
  });
});

describe('the order of two times', () => {
  const order = (dynamics: unknown, campaign: unknown) =>
    timeOrder(read(dynamics, DYNAMICS_PRECISION_MS), read(campaign));

  it.each([
    ['2026-11-21T16:30:00Z', '2026-11-21 16:30:00.000Z', 'equal'],
    ['2026-11-21T16:30:00Z', '2026-11-21 16:30:00.999Z', 'equal'],
    ['2026-11-21T16:30:00Z', '2026-11-21 16:30:01.000Z', 'campaign newer'],
    ['2026-11-21T16:30:00Z', '2026-11-21 16:29:59.999Z', 'dynamics newer'],
    ['2026-11-21T16:30:00.000Z', '2026-11-21 16:30:00.999Z', 'equal'],
    ['2026-11-21T16:30:00.700Z', '2026-11-21 16:30:00.300Z', 'equal'],
    ['2026-11-21T16:30:00Z', '2026-11-21 18:30:00.500+02:00', 'equal'],
    ['2026-11-21T16:30:00Z', '2026-11-21 16:30Z', 'equal'],
    ['2026-11-21T16:30:30Z', '2026-11-21 16:30Z', 'equal'],
    ['2026-11-21T16:31:00Z', '2026-11-21 16:30Z', 'dynamics newer'],
  ])('is judged at the coarser precision: Dynamics %s, Campaign %s: %s', (dynamics, campaign, expected) => {
    expect(order(dynamics, campaign)).toBe(expected);
  });

  it.each([
    ['', '2026-11-21 16:30:00.000Z'],
    ['2026-11-21T16:30:00Z', ''],
    ['2026-11-21T18:30:00Z', '2026-11-21 16:30:00.000Z'],
    ['2026-11-21T16:30:00Z', 'x'],
  ])('is unknown unless both are usable: %p, %p', (dynamics, campaign) => {
    expect(order(dynamics, campaign)).toBe('unknown');
  });
});
