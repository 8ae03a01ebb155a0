import type { TimeZone } from './time-zone';

/** The earliest and the latest year that travels. Dataverse itself begins at 1753; 9999 is its "never" and no date. */
export const MIN_YEAR = 1753;
export const MAX_YEAR = 9998;

/** A date or a moment, as a text of Dynamics 365, Campaign or ISO 8601 states it. */
export interface ParsedDate {
  /** Milliseconds since the epoch; without a zone those of the local time, as if it were UTC. */
  readonly ms: number;
  /** False for a date alone and for a time without a zone: see {@link momentOf}. */
  readonly zoned: boolean;
  /** Set when the text holds a date alone: `YYYY-MM-DD`. */
  readonly day: string | undefined;
  /** The year as written. */
  readonly year: number;
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d\d:?\d\d))?)?$/i;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads `2023-04-07`, `2023-04-07T21:59:01Z`, `2020-07-31 11:19:00.304Z` (Campaign's form), offsets like `+02:00`; a time
 * may stand without a zone. Nothing else: 04/07/2023 means two dates.
 *
 * @returns undefined for another form or a day that does not exist
 */
export function parseDate(text: string): ParsedDate | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const date = Number(match[3]);
  if (month < 1 || month > 12 || date < 1 || date > (DAYS[month - 1] ?? 0)) return undefined;
  if (month === 2 && date === 29 && !isLeap(year)) return undefined;
  const hasTime = match[4] !== undefined;
  const hour = hasTime ? Number(match[4]) : 0;
  const minute = hasTime ? Number(match[5]) : 0;
  const second = match[6] === undefined ? 0 : Number(match[6]);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'));
  let local = Date.UTC(year, month - 1, date, hour, minute, second, ms);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (year < 100) local = new Date(local).setUTCFullYear(year, month - 1, date);
  if (!hasTime) return { ms: local, zoned: false, day: text, year };
  const offset = match[8];
  if (offset === undefined) return { ms: local, zoned: false, day: undefined, year };
  const offsetMs = parseOffset(offset);
  return offsetMs === undefined ? undefined : { ms: local - offsetMs, zoned: true, day: undefined, year };
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

function parseOffset(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
