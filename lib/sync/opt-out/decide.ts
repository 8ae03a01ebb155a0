import { RejectedRecordError } from '../../core/errors';
import type { OptOutLine } from './compile-lines';
import { OPT_OUT_FIELDS, PROFILE_TIME_FIELD, namesOf } from '../../core/opt-out-fields';
import type { Direction, OptOut, Side, Write } from './rules';
import { ruleFor } from './rules';
import type { TimeContext, TimeReading } from './time';
import { DYNAMICS_PRECISION_MS, readTime, timeOrder, without } from './time';
import { explain } from './explain';

/** The contact as it is now. */
export interface ContactState {
  /** Values by column. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Time of the record's last change. */
  readonly modifiedOn: unknown;
  /** Times of single columns' last changes, where auditing gives them; they go before the record's. */
  readonly attributeModifiedOn?: Readonly<Record<string, unknown>>;
}

/** The profile as it is now: flags and times by field name. */
export interface ProfileState {
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * True when Campaign has no such profile (any more); `values` is then what an export said of it last, if one did. Its opt-outs
   * count and nothing else: no opt-in is taken from it, and nothing can be written to it.
   */
  readonly gone?: boolean;
}

/** Everything that a decision about one person rests on. */
export interface Person {
  readonly contactId: string;
  readonly from: Side;
  readonly contact: ContactState;
  readonly profile: ProfileState;
}

export interface DecisionContext extends TimeContext {
  readonly direction: Direction;
}

/** The decision about one mapping line, with all it rests on: flat, one row of a log. */
export interface LineDecision {
  readonly decisionId: string;
  readonly contactId: string;
  readonly decidedAt: string;
  readonly direction: Direction;
  readonly from: Side;
  readonly line: number;
  readonly column: string;
  readonly field: string;
  readonly inverted: boolean;
  /** Id of the rule, as docs/opt-out-rules.md lists it. */
  readonly rule: string;
  /** After the inversion switch. */
  readonly dynamicsOptedOut: OptOut;
  readonly dynamicsTime: string | null;
  readonly dynamicsTimeSource: string | null;
  readonly dynamicsTimeStatus: TimeReading['status'];
  readonly campaignOptedOut: OptOut;
  readonly campaignTime: string | null;
  readonly campaignTimeSource: string | null;
  readonly campaignTimeStatus: TimeReading['status'];
  /** The side that is written, if any. */
  readonly writeTo: Side | 'none';
  /** The value that is written there, as that side keeps it; null when nothing is written. */
  readonly newValue: boolean | null;
  /** The decision as a sentence. */
  readonly words: string;
}

/** The decision about one person. */
export interface Decision {
  /** The same on every item that the decision gives. */
  readonly id: string;
  readonly decidedAt: string;
  readonly from: Side;
  readonly lines: readonly LineDecision[];
  /** Values to write to the contact, by column; empty when there is nothing. */
  readonly toDynamics: Readonly<Record<string, boolean>>;
  /** Values to write to the profile, by field; empty when there is nothing. */
  readonly toCampaign: Readonly<Record<string, boolean>>;
  /** True when an opt-out should go to Campaign and there is no profile to take it. */
  readonly waitsForProfile: boolean;
}

/**
 * Decides for one person, line by line, from what both sides hold now (rules.ts). Only what differs is written. The same state
 * gives the same writes, whoever asked: so the echo of an own write finds both sides equal and ends there.
 *
 * @throws RejectedRecordError UNREADABLE_VALUE when a mapped value is neither true, false nor empty
 */
export function decide(person: Person, lines: readonly OptOutLine[], context: DecisionContext): Decision {
  const decidedAt = new Date(context.nowMs).toISOString();
  const id = `${person.contactId}@${decidedAt}`;
  const toDynamics: Record<string, boolean> = {};
  const toCampaign: Record<string, boolean> = {};
  let waitsForProfile = false;
  const decided = lines.map((line): LineDecision => {
    const state = readLine(person, line, context);
    const rule = ruleFor({
      direction: context.direction,
      from: person.from,
      dynamics: state.dynamics,
      campaign: state.campaign,
      order: timeOrder(state.dynamicsTime, state.campaignTime),
      dynamicsTime: state.dynamicsTime.status,
      campaignTime: state.campaignTime.status,
    });
    const noProfile = person.profile.gone === true && rule.write?.to === 'campaign';
    const write = noProfile ? null : rule.write;
    waitsForProfile ||= noProfile;
    const newValue = valueOf(write, line);
    if (write?.to === 'dynamics') toDynamics[line.column] = newValue as boolean;
    if (write?.to === 'campaign') toCampaign[line.field] = newValue as boolean;
    return {
      decisionId: id,
      contactId: person.contactId,
      decidedAt,
      direction: context.direction,
      from: person.from,
      line: line.line,
      column: line.column,
      field: line.field,
      inverted: line.inverted,
      rule: rule.id,
      dynamicsOptedOut: state.dynamics,
      dynamicsTime: state.dynamicsTime.iso,
      dynamicsTimeSource: state.dynamicsTime.source,
      dynamicsTimeStatus: state.dynamicsTime.status,
      campaignOptedOut: state.campaign,
      campaignTime: state.campaignTime.iso,
      campaignTimeSource: state.campaignTime.source,
      campaignTimeStatus: state.campaignTime.status,
      writeTo: write?.to ?? 'none',
      newValue,
      words: explain(line, state, noProfile ? 'Campaign has no profile of this person' : rule.because, write, newValue),
    };
  });
  return { id, decidedAt, from: person.from, lines: decided, toDynamics, toCampaign, waitsForProfile };
}

/** The value that a side keeps: Campaign's fields and most columns hold `true` for an opt-out, an inverted column `false`. */
function valueOf(write: Write, line: OptOutLine): boolean | null {
  if (!write) return null;
  return write.to === 'dynamics' && line.inverted ? !write.optedOut : write.optedOut;
}

/** Both values and both times of one line. */
export interface LineState {
  readonly dynamics: OptOut;
  readonly dynamicsTime: TimeReading;
  readonly campaign: OptOut;
  readonly campaignTime: TimeReading;
}

function readLine(person: Person, line: OptOutLine, context: TimeContext): LineState {
  const { contact, profile } = person;
  const dynamics = readOptOut(contact.values[line.column], line.inverted, line.column, line);
  const campaign = readOptOut(valueByName(profile.values, line.field), false, line.field, line);
  return {
    dynamics,
    dynamicsTime: readDynamicsTime(contact, line.column, context),
    campaign: profile.gone && campaign === 'no' ? 'missing' : campaign,
    campaignTime: readCampaignTime(profile, line, context),
  };
}

/** The attribute's own time where it is usable, the record's otherwise: the record's is never earlier, so it is the careful one. */
function readDynamicsTime(contact: ContactState, column: string, context: TimeContext): TimeReading {
  const own = readTime(contact.attributeModifiedOn?.[column], 'audit', context, DYNAMICS_PRECISION_MS);
  if (own.status === 'known') return own;
  return readTime(contact.modifiedOn, 'modifiedon', context, DYNAMICS_PRECISION_MS);
}

/**
 * A profile made within this many milliseconds of a field's time: the time is that of the profile's making, and the field holds
 * its first value, which nobody has chosen.
 */
const CREATION_SPAN_MS = 5000;

function readCampaignTime(profile: ProfileState, line: OptOutLine, context: TimeContext): TimeReading {
  const { timeField } = line;
  if (timeField === null) return without('missing', null);
  const reading = readTime(valueByName(profile.values, timeField), timeField, context);
  if (reading.status !== 'known') return reading;
  if (timeField === PROFILE_TIME_FIELD || isShared(line, reading, profile, context)) {
    return { ...reading, status: 'record' };
  }
  const created = readTime(profile.values['created'], 'created', context);
  if (created.status === 'known' && reading.ms <= created.ms + CREATION_SPAN_MS) {
    return { ...reading, status: 'creation' };
  }
  return reading;
}

/**
 * `blackListAllLastModified` may be the time of whichever opt-out field changed last. Where another field has the same time it
 * proves nothing about `blackList`.
 */
function isShared(line: OptOutLine, reading: TimeReading, profile: ProfileState, context: TimeContext): boolean {
  if (line.timeField !== 'blackListAllLastModified') return false;
  return Object.entries(OPT_OUT_FIELDS).some(([field, { timeField }]) => {
    if (field === 'blackList' || timeField === null) return false;
    const other = readTime(valueByName(profile.values, timeField), timeField, context);
    return other.status === 'known' && Math.abs(other.ms - reading.ms) < SAME_CHANGE_MS;
  });
}

/** Two fields written with one request have times this close together, in milliseconds. */
const SAME_CHANGE_MS = 1000;

function valueByName(values: Readonly<Record<string, unknown>>, field: string): unknown {
  for (const name of namesOf(field)) {
    if (Object.hasOwn(values, name)) return values[name];
  }
  return undefined;
}

const TRUE_VALUES: ReadonlySet<unknown> = new Set([true, 1, '1', 'true']);
const FALSE_VALUES: ReadonlySet<unknown> = new Set([false, 0, '0', 'false']);

/** Is the person opted out, by this value? A value that is not on the lists rejects the record: no guess about consent. */
function readOptOut(value: unknown, inverted: boolean, name: string, line: OptOutLine): OptOut {
  if (value === undefined || value === null || value === '') return 'missing';
  const plain = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (TRUE_VALUES.has(plain)) return inverted ? 'no' : 'yes';
  if (FALSE_VALUES.has(plain)) return inverted ? 'yes' : 'no';
  throw new RejectedRecordError(
    'UNREADABLE_VALUE',
    `Line ${line.line}: the value of "${name}" is neither true nor false, so nothing was decided for this person.`,
    { field: name, mappingLine: line.line, hint: 'Correct the value, or the type of the column in the export reader.' },
  );
}
