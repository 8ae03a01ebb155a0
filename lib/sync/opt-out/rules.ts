import { FatalError } from '../../core/errors';
import type { TimeOrder, TimeStatus } from './time';

export const DIRECTIONS = ['disabled', 'dynamicsToCampaign', 'campaignToDynamics', 'bidirectional'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export type Side = 'dynamics' | 'campaign';

/** Is the person opted out on this side? After the inversion switch; `missing` when the side has no value. */
export type OptOut = 'yes' | 'no' | 'missing';

/** What a rule asks of the times. A time is usable when its status is `known`. */
export type TimeCondition =
  'any' | 'campaign newer' | 'dynamics newer or equal' | 'not both usable' | 'dynamics usable' | 'campaign usable';

/** One case of one mapping line. */
export interface Case {
  readonly direction: Direction;
  /** The side whose change or export row asks for the decision. */
  readonly from: Side;
  readonly dynamics: OptOut;
  readonly campaign: OptOut;
  readonly order: TimeOrder;
  readonly dynamicsTime: TimeStatus;
  readonly campaignTime: TimeStatus;
}

/** What is written: to which side, and whether the person is opted out there afterwards. Null: nothing. */
export type Write = { readonly to: Side; readonly optedOut: boolean } | null;

export interface Rule {
  readonly id: string;
  readonly directions: readonly Direction[];
  readonly from: readonly Side[];
  readonly dynamics: readonly OptOut[];
  readonly campaign: readonly OptOut[];
  readonly times: TimeCondition;
  readonly write: Write;
  /** Why, as part of a sentence. */
  readonly because: string;
}

const ENABLED: readonly Direction[] = ['dynamicsToCampaign', 'campaignToDynamics', 'bidirectional'];
const BOTH: readonly Side[] = ['dynamics', 'campaign'];
const ANY: readonly OptOut[] = ['yes', 'no', 'missing'];
const NOT_OUT: readonly OptOut[] = ['no', 'missing'];

type Row = readonly [
  id: string,
  directions: readonly Direction[],
  from: readonly Side[],
  dynamics: readonly OptOut[],
  campaign: readonly OptOut[],
  times: TimeCondition,
  write: `${Side} ${'out' | 'in'}` | 'nothing',
  because: string,
];

const D2C: readonly Direction[] = ['dynamicsToCampaign'];
const C2D: readonly Direction[] = ['campaignToDynamics'];
const BI: readonly Direction[] = ['bidirectional'];

/** The first row that fits decides. docs/opt-out-rules.md has the same table in words; a test compares the two in every case. */
// prettier-ignore
const ROWS: readonly Row[] = [
  ['DISABLED', ['disabled'], BOTH, ANY, ANY, 'any', 'nothing', 'the direction is Disabled'],
  ['BOTH_OPTED_OUT', ENABLED, BOTH, ['yes'], ['yes'], 'any', 'nothing', 'both sides have the opt-out'],
  ['NEITHER_OPTED_OUT', ENABLED, BOTH, NOT_OUT, NOT_OUT, 'any', 'nothing', 'neither side has an opt-out'],
  ['CAMPAIGN_NOT_ASKED', D2C, ['campaign'], ANY, ANY, 'any', 'nothing', 'changes in Campaign do not travel in this direction'],
  ['DYNAMICS_NOT_ASKED', C2D, ['dynamics'], ANY, ANY, 'any', 'nothing', 'changes in Dynamics 365 do not travel in this direction'],

  ['DYNAMICS_OPT_OUT', D2C, ['dynamics'], ['yes'], NOT_OUT, 'any', 'campaign out', 'Dynamics 365 decides in this direction'],
  ['DYNAMICS_UNKNOWN', D2C, ['dynamics'], ['missing'], ['yes'], 'any', 'nothing', 'Dynamics 365 has no value, so the opt-out stays'],
  ['DYNAMICS_OPT_IN', D2C, ['dynamics'], ['no'], ['yes'], 'dynamics usable', 'campaign in', 'Dynamics 365 decides in this direction'],
  ['DYNAMICS_OPT_IN_UNPROVEN', D2C, ['dynamics'], ['no'], ['yes'], 'any', 'nothing', 'the time in Dynamics 365 is not usable, so the opt-out stays'],

  ['CAMPAIGN_OPT_OUT', C2D, ['campaign'], NOT_OUT, ['yes'], 'any', 'dynamics out', 'Campaign decides in this direction'],
  ['CAMPAIGN_UNKNOWN', C2D, ['campaign'], ['yes'], ['missing'], 'any', 'nothing', 'Campaign has no value, so the opt-out stays'],
  ['CAMPAIGN_OPT_IN', C2D, ['campaign'], ['yes'], ['no'], 'campaign usable', 'dynamics in', 'Campaign decides in this direction'],
  ['CAMPAIGN_OPT_IN_UNPROVEN', C2D, ['campaign'], ['yes'], ['no'], 'any', 'nothing', 'no usable time in Campaign proves the opt-in, so the opt-out stays'],

  ['CAMPAIGN_NEWER_OPT_OUT', BI, BOTH, NOT_OUT, ['yes'], 'campaign newer', 'dynamics out', 'Campaign is newer'],
  ['CAMPAIGN_NEWER_OPT_IN', BI, BOTH, ['yes'], ['no'], 'campaign newer', 'dynamics in', 'Campaign is newer'],
  ['CAMPAIGN_NEWER_UNKNOWN', BI, BOTH, ['yes'], ['missing'], 'campaign newer', 'campaign out', 'Campaign has no value, so the opt-out wins'],
  ['OPT_OUT_WINS_IN_CAMPAIGN', BI, BOTH, ['yes'], NOT_OUT, 'dynamics newer or equal', 'campaign out', 'Dynamics 365 is newer or equal, so the opt-out wins'],
  ['OPT_OUT_WINS_IN_DYNAMICS', BI, BOTH, NOT_OUT, ['yes'], 'dynamics newer or equal', 'dynamics out', 'Dynamics 365 is newer or equal, so the opt-out wins'],
  ['NO_TIME_OPT_OUT_IN_CAMPAIGN', BI, BOTH, ['yes'], NOT_OUT, 'not both usable', 'campaign out', 'the times cannot be compared, so the opt-out wins'],
  ['NO_TIME_OPT_OUT_IN_DYNAMICS', BI, BOTH, NOT_OUT, ['yes'], 'not both usable', 'dynamics out', 'the times cannot be compared, so the opt-out wins'],
];

export const RULES: readonly Rule[] = ROWS.map(([id, directions, from, dynamics, campaign, times, write, because]) => ({
  id,
  directions,
  from,
  dynamics,
  campaign,
  times,
  write: toWrite(write),
  because,
}));

function toWrite(text: Row[6]): Write {
  if (text === 'nothing') return null;
  return { to: text.startsWith('campaign') ? 'campaign' : 'dynamics', optedOut: text.endsWith('out') };
}

const TIME_CONDITIONS: Readonly<Record<TimeCondition, (c: Case) => boolean>> = {
  any: () => true,
  'campaign newer': (c) => c.order === 'campaign newer',
  'dynamics newer or equal': (c) => c.order === 'dynamics newer' || c.order === 'equal',
  'not both usable': (c) => c.order === 'unknown',
  'dynamics usable': (c) => c.dynamicsTime === 'known',
  'campaign usable': (c) => c.campaignTime === 'known',
};

/**
 * The rule for a case.
 *
 * @throws FatalError when no row fits: what is not listed is not allowed
 */
export function ruleFor(c: Case): Rule {
  const rule = RULES.find(
    (r) =>
      r.directions.includes(c.direction) &&
      r.from.includes(c.from) &&
      r.dynamics.includes(c.dynamics) &&
      r.campaign.includes(c.campaign) &&
      TIME_CONDITIONS[r.times](c),
  );
  if (!rule) {
    throw new FatalError('NO_OPT_OUT_RULE', 'No opt-out rule covers this combination of values and times.', {
      hint: "This is a defect of the Opt-Out Resolver: report it with the direction, both sides' values and their times. Nothing is written, and a trigger delivers the batch again.",
    });
  }
  return rule;
}
