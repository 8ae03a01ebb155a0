import { decisionsAgainstTheRule } from '../../../sandbox/oracles/opt-out-decisions';

const AT = '2026-03-01T10:00:05.000Z';
/** Opted in in Campaign, out in Dynamics 365, and Campaign is newer. */
const NEWER = {
  ...{ dynamicsOptedOut: 'yes', dynamicsTime: AT, dynamicsTimeStatus: 'known' },
  ...{ campaignOptedOut: 'no', campaignTime: '2026-03-01T10:00:06.000Z', campaignTimeStatus: 'known' },
  ...{ writeTo: 'dynamics', newValue: false },
};
const OLDER = { ...NEWER, campaignTime: AT, writeTo: 'campaign', newValue: true };

describe('decisions on opt-outs that are against the rule', () => {
  it('are none where the newer side of Campaign, or else the opt-out, was written', () => {
    expect(decisionsAgainstTheRule([NEWER, OLDER])).toEqual([]);
  });

  it.each([
    ['an older opt-in won', { ...OLDER, writeTo: 'dynamics', newValue: false }],
    ['one of the same second won', { ...NEWER, campaignTime: '2026-03-01T10:00:05.999Z' }],
    ['a newer opt-in lost', { ...NEWER, writeTo: 'campaign', newValue: true }],
    ['an opt-in went to Campaign', { ...NEWER, writeTo: 'campaign' }],
    ['a time of the creation counted', { ...NEWER, campaignTimeStatus: 'creation' }],
    ['a missing time counted', { ...NEWER, campaignTime: '', campaignTimeStatus: 'missing' }],
    ['a newer opt-out lost', { ...NEWER, campaignOptedOut: 'yes' }],
  ])('are found where %s', (_what, decision) => {
    expect(decisionsAgainstTheRule([NEWER, decision, OLDER])).toEqual([decision]);
  });
});
