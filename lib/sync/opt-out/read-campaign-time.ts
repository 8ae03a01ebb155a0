import { OPT_OUT_FIELDS, PROFILE_TIME_FIELD, valueByName } from '../../core/opt-out-fields';
import { readChangeTime, without, type TimeContext, type TimeReading } from './time';

/**
 * A profile made within this many milliseconds of a field's time: the time is that of the profile's making, and the field holds
 * its first value, which nobody has chosen.
 */
const CREATION_SPAN_MS = 5000;

/** Two fields written with one request have times this close together, in milliseconds. */
const SAME_CHANGE_MS = 1000;

type Values = Readonly<Record<string, unknown>>;

/**
 * The time of an opt-out's last change in Campaign.
 *
 * @param values the profile's fields by name
 * @param timeField the field that keeps it; null where Campaign keeps none
 */
export function readCampaignTime(values: Values, timeField: string | null, context: TimeContext): TimeReading {
  if (timeField === null) return without('missing', null);
  const reading = readChangeTime(valueByName(values, timeField), timeField, context);
  if (reading.status !== 'known') return reading;
  if (timeField === PROFILE_TIME_FIELD || isShared(values, timeField, reading, context)) {
    return { ...reading, status: 'record' };
  }
  const created = readChangeTime(values['created'], 'created', context);
  if (created.status === 'known' && reading.ms <= created.ms + CREATION_SPAN_MS) {
    return { ...reading, status: 'creation' };
  }
  return reading;
}

/**
 * `blackListAllLastModified` may be the time of whichever opt-out field changed last. Where another field has the same time it
 * proves nothing about `blackList`.
 */
function isShared(values: Values, timeField: string, reading: TimeReading, context: TimeContext): boolean {
  if (timeField !== 'blackListAllLastModified') return false;
  return Object.entries(OPT_OUT_FIELDS).some(([field, { timeField: ofField }]) => {
    if (field === 'blackList' || ofField === null) return false;
    const other = readChangeTime(valueByName(values, ofField), ofField, context);
    return other.status === 'known' && Math.abs(other.ms - reading.ms) < SAME_CHANGE_MS;
  });
}
