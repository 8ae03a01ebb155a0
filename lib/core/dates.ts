import type { TimeZone } from './time-zone';

/** The earliest and the latest year that travels. Dataverse itself begins at 1753; 9999 is its "never" and no date. */
export const MIN_YEAR = 1753;
export const MAX_YEAR = 9998;

/**
 * Nothing happened in either system before: neither is older. An earlier time is none of an event but what some program writes for "none",
 * the first moment of its calendar (0001, 1753, 1899, 1900, 1970).
 */
export const FIRST_EVENT_MS = Date.UTC(2000, 0, 1);

/** A date or a moment, as a text of Dynamics 365, Campaign or ISO 8601 states it. */
export interface ParsedDate {
  /** Milliseconds since the epoch; without a zone those of the local time, as if it were UTC. Finer digits are cut off. */
  readonly ms: number;
  /** False for a date alone and for a time without a zone: see {@link momentOf}. */
  readonly zoned: boolean;
  /** Set when the text holds a date alone: `YYYY-MM-DD`. */
  readonly day: string | undefined;
  /** The year as written. */
  readonly year: number;
  /** How exactly the text says it, in milliseconds, at least 1: 60,000 for a time without seconds, a day for a date alone. */
  readonly precisionMs: number;
}

/** How the dates of one origin are written. */
export interface DateForm {
  /** Groups: year, month, day, hour, minute, second, fraction of the second, zone; from the hour on they may be missing. */
  readonly pattern: RegExp;
  /**
   * As JavaScript has it: the days 29 to 31 of a shorter month are the first of the next, 24:00 is the midnight that follows, and
   * offsets reach to 23:59. @default false
   */
  readonly lenient?: boolean;
}

/**
 * `2023-04-07`, `2023-04-07T21:59:01Z`, `2020-07-31 11:19:00.304Z` (Campaign's form), offsets like `+02:00`; a time may stand without a
 * zone. Nothing else: 04/07/2023 means two dates.
 */
export const ISO_DATE: DateForm = {
  pattern: /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d\d:?\d\d))?)?$/i,
};

/** A moment for certain: with a time and a zone. A guessed zone could make an opt-in look newer than an opt-out. */
export const ISO_MOMENT: DateForm = {
  pattern: /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s?(Z|[+-]\d\d:?\d\d)$/i,
};

/**
 * Besides ISO 8601 what stands in export files: Campaign's advice for files (`2026/11/21 16:30:00`), a decimal comma, several blanks, the
 * zone `UTC`, offsets without minutes. Nothing in which day and month could be mixed up.
 */
export const EXPORTED_DATE: DateForm = {
  pattern:
    /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d|[+-]\d\d)?)?$/i,
};

/** What is compared with Campaign's JSON, where both sides may hold what a person typed: a fraction may follow the minutes. */
export const COMPARED_DATE: DateForm = {
  pattern: /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?)?$/i,
  lenient: true,
};

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Reads a date or a moment.
 *
 * @param form which texts are dates; what all forms share is the calendar, and offsets of at most 14:59
 * @returns undefined for another form or a day that does not exist
 */
export function parseDate(text: string, form: DateForm = ISO_DATE): ParsedDate | undefined {
  const match = form.pattern.exec(text);
  if (!match) return undefined;
  const lenient = form.lenient === true;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const hasTime = match[4] !== undefined;
  const hour = hasTime ? twoDigits(match[4] as string, 0) : 0;
  const minute = hasTime ? twoDigits(match[5] as string, 0) : 0;
  const second = match[6] === undefined ? 0 : twoDigits(match[6], 0);
  const fraction = match[7];
  const local = wallClockMs(
    year,
    twoDigits(text, 5),
    twoDigits(text, 8),
    hour,
    minute,
    second,
    fraction === undefined ? 0 : parseFraction(fraction),
    lenient,
  );
  if (local === undefined) return undefined;
  if (!hasTime) {
    const day = text.charAt(4) === '-' && text.charAt(7) === '-' ? text : `${match[1]}-${match[2]}-${match[3]}`;
    return { ms: local, zoned: false, day, year, precisionMs: DAY };
  }
  const precisionMs =
    match[6] === undefined ? MINUTE : fraction === undefined ? 1000 : Math.max(1, 1000 / 10 ** fraction.length);
  const offset = match[8];
  if (offset === undefined) return { ms: local, zoned: false, day: undefined, year, precisionMs };
  const offsetMs = parseOffset(offset, lenient);
  return offsetMs === undefined ? undefined : { ms: local - offsetMs, zoned: true, day: undefined, year, precisionMs };
}

/** The pattern has seen to it that these are digits; `Number` takes a third of the whole reading's time longer. */
function twoDigits(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 11 * 48;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** The calendar repeats itself after 400 years. */
const CYCLE = 146_097 * DAY;

/**
 * What a calendar and a clock on the wall show, in milliseconds since the epoch, as if it were UTC.
 *
 * @param month from 1
 * @param lenient see {@link DateForm.lenient}
 * @returns undefined for a day or a time that does not exist
 */
export function wallClockMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
  lenient = false,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > (lenient ? 31 : (DAYS[month - 1] ?? 0))) return undefined;
  if (!lenient && month === 2 && day === 29 && !isLeap(year)) return undefined;
  if (minute > 59 || second > 59) return undefined;
  if (hour > 23 && !(lenient && hour === 24 && minute === 0 && second === 0 && ms === 0)) return undefined;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (year < 100) return Date.UTC(year + 400, month - 1, day, hour, minute, second, ms) - CYCLE;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

/** Milliseconds of the digits after the point; what is finer is cut off. */
export function parseFraction(digits: string): number {
  return Number(digits.slice(0, 3).padEnd(3, '0'));
}

/**
 * How far a zone is ahead of UTC, in milliseconds.
 *
 * @param text `Z`, `UTC`, or a sign with hours and perhaps minutes: `+02:00`, `+0200`, `+02`
 * @returns undefined for an offset that no place has
 */
export function parseOffset(text: string, lenient = false): number | undefined {
  const sign = text.charAt(0);
  if (sign !== '+' && sign !== '-') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = text.length > 3 ? Number(text.slice(-2)) : 0;
  if (hours > (lenient ? 23 : 14) || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}

/** The moment in milliseconds since the epoch: a date alone begins at midnight in the zone, and a time without one is of it. */
export function momentOf(date: ParsedDate, zone: TimeZone): number {
  return date.zoned ? date.ms : zone.toUtc(date.ms);
}

/** The day that a date stands for in the zone, `YYYY-MM-DD`. */
export function dayIn(date: ParsedDate, zone: TimeZone): string {
  if (date.day !== undefined) return date.day;
  return date.zoned ? dayOf(date.ms, zone) : new Date(date.ms).toISOString().slice(0, 10);
}

/** False for a year that Campaign is not sent. */
export function travels(date: ParsedDate): boolean {
  return date.year >= MIN_YEAR && date.year <= MAX_YEAR;
}

/** The day of a moment in a time zone, `YYYY-MM-DD`. */
export function dayOf(utcMs: number, zone: TimeZone): string {
  return new Date(utcMs + zone.offsetAt(utcMs)).toISOString().slice(0, 10);
}

/** Campaign's form of a moment: `2020-07-31 11:19:00.304Z` (docs/facts/campaign.md, "JSON"). */
export function campaignDateTime(utcMs: number): string {
  const iso = new Date(utcMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11)}`;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
