import { decide } from '../../../../lib/sync/opt-out/decide';
import { EMAIL } from '../../../support/opt-out-fixtures';
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

describe('a time that some program writes for "none"', () => {
  const NEVER = [
    '0001-01-01T00:00:00Z',
    '1753-01-01 00:00:00Z',
    '1900-01-01T00:00:00+01:00',
    '1970-01-01 00:00:00.000Z',
  ];
  const decided = (direction: 'campaignToDynamics' | 'dynamicsToCampaign', sides: { out: boolean; at: string }[]) => {
    const [dynamics, campaign] = sides as [{ out: boolean; at: string }, { out: boolean; at: string }];
    const person = {
      contactId: 'c1',
      from: direction === 'campaignToDynamics' ? ('campaign' as const) : ('dynamics' as const),
      contact: { values: { donotemail: dynamics.out }, modifiedOn: dynamics.at },
      profile: { values: { blackListEmail: campaign.out, blackListEmailLastModified: campaign.at } },
    };
    return decide(person, [EMAIL], { ...context, direction });
  };
  const today = '2026-11-21T12:00:00Z';

  it.each(NEVER)('proves no opt-in of Campaign: %s', (at) => {
    const decision = decided('campaignToDynamics', [
      { out: true, at: today },
      { out: false, at },
    ]);
    expect(decision.toDynamics).toEqual({});
    expect(decision.lines).toMatchObject([{ rule: 'CAMPAIGN_OPT_IN_UNPROVEN', campaignTimeStatus: 'unreadable' }]);
  });

  it.each(NEVER)('proves no opt-in of Dynamics 365: %s', (at) => {
    const decision = decided('dynamicsToCampaign', [
      { out: false, at },
      { out: true, at: today },
    ]);
    expect(decision.toCampaign).toEqual({});
    expect(decision.lines).toMatchObject([{ rule: 'DYNAMICS_OPT_IN_UNPROVEN', dynamicsTimeStatus: 'unreadable' }]);
  });
});
