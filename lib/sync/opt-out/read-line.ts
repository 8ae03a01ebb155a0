import { API_BOOLEANS, readBoolean } from '../../core/boolean-words';
import { RejectedRecordError } from '../../core/errors';
import { OPT_OUT_FIELDS, PROFILE_TIME_FIELD, namesOf } from '../../core/opt-out-fields';
import type { OptOutLine } from './compile-lines';
import type { OptOut } from './rules';
import { DYNAMICS_PRECISION_MS, readTime, without, type TimeContext, type TimeReading } from './time';

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

/** Both values and both times of one line. */
export interface LineState {
  readonly dynamics: OptOut;
  readonly dynamicsTime: TimeReading;
  readonly campaign: OptOut;
  readonly campaignTime: TimeReading;
}

/**
 * Reads one line on both sides.
 *
 * @throws RejectedRecordError UNREADABLE_VALUE when a value is neither true, false nor empty
 */
export function readLine(
  { contact, profile }: { readonly contact: ContactState; readonly profile: ProfileState },
  line: OptOutLine,
  context: TimeContext,
): LineState {
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

/** Is the person opted out, by this value? A value that is not on the lists rejects the record: no guess about consent. */
function readOptOut(value: unknown, inverted: boolean, name: string, line: OptOutLine): OptOut {
  if (value === undefined || value === null || value === '') return 'missing';
  const known = readBoolean(value, API_BOOLEANS);
  if (known !== undefined) return known === inverted ? 'no' : 'yes';
  throw new RejectedRecordError(
    'UNREADABLE_VALUE',
    `Line ${line.line}: the value of "${name}" is neither true nor false, so nothing was decided for this person.`,
    { field: name, mappingLine: line.line, hint: 'Correct the value, or the type of the column in the export reader.' },
  );
}
