import { TimeZone } from './time-zone';

/** How date-times of a column are written. `auto`: ISO 8601 and Campaign's own formats; otherwise a pattern such as `DD.MM.YYYY HH:mm`. */
export type DateTimeFormat = 'auto' | (string & {});

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  /** Minutes east of UTC, if the text says so. */
  offset?: number;
}

/**
 * ISO 8601 (`2026-11-21T16:30:00.304Z`, `2026-11-21T16:30+01:00`), Campaign's REST format (`2020-07-31 11:19:00.304Z`), Campaign's
 * advice for files (`2026/11/21 16:30:00`), and dates alone. Nothing in which day and month could be mixed up.
 */
const AUTO =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ]+(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$/i;

/**
 * Reads a date-time and gives it as ISO 8601 in UTC with milliseconds, or undefined when it can't be read for certain.
 *
 * A text without a zone is taken in `timeZone` (an IANA name). An hour that happens twice (end of summer time) is taken as the first of
 * the two; one that does not exist (its beginning) is moved forward, as calendars do. Digits after the milliseconds are cut off.
 *
 * @throws ConfigurationError UNKNOWN_TIME_ZONE
 */
export function parseDateTime(text: string, format: DateTimeFormat, timeZone: string): string | undefined {
  const parts = format === 'auto' ? readAuto(text) : readPattern(text, format);
  if (!parts || !exists(parts)) return undefined;
  const wallMs = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second, parts.ms);
  const ms = parts.offset === undefined ? TimeZone.named(timeZone).toUtc(wallMs) : wallMs - parts.offset * 60_000;
  return new Date(ms).toISOString();
}

function readAuto(text: string): Parts | undefined {
  const m = AUTO.exec(text);
  if (!m) return undefined;
  const offset = m[8] === undefined ? undefined : readOffset(m[8]);
  if (offset === null) return undefined;
  return {
    year: Number(m[1]),
    month: Number(m[2]),
    day: Number(m[3]),
    hour: Number(m[4] ?? 0),
    minute: Number(m[5] ?? 0),
    second: Number(m[6] ?? 0),
    ms: millis(m[7]),
    ...(offset === undefined ? {} : { offset }),
  };
}

const TOKENS: Readonly<Record<string, string>> = {
  YYYY: '(?<YYYY>\\d{4})',
  MM: '(?<MM>\\d{2})',
  M: '(?<M>\\d{1,2})',
  DD: '(?<DD>\\d{2})',
  D: '(?<D>\\d{1,2})',
  HH: '(?<HH>\\d{2})',
  H: '(?<H>\\d{1,2})',
  hh: '(?<hh>\\d{2})',
  h: '(?<h>\\d{1,2})',
  mm: '(?<mm>\\d{2})',
  ss: '(?<ss>\\d{2})',
  SSS: '(?<SSS>\\d{1,9})',
  A: '(?<A>[AaPp][Mm])',
  Z: '(?<Z>Z|[+-]\\d{2}:?\\d{2})',
};
const TOKEN = /YYYY|MM?|DD?|HH?|hh?|mm|ss|SSS|A|Z|[^A-Za-z]+|./g;

const compiled = new Map<string, RegExp>();

/**
 * The regular expression of a pattern of `YYYY MM M DD D HH H hh h mm ss SSS A Z`; other characters stand for themselves.
 *
 * @throws RangeError when the pattern has no year, month and day, has a part twice, or a letter that means nothing
 */
export function compilePattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const seen = new Set<string>();
  const source = (pattern.match(TOKEN) ?? [])
    .map((token) => {
      const part = TOKENS[token];
      if (part === undefined) {
        if (/[A-SU-Za-z]/.test(token))
          throw new RangeError(`"${token}" means nothing in the date-time format "${pattern}"`);
        return token.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      }
      const field =
        token === 'mm' || token === 'MM' || token === 'M'
          ? token === 'mm'
            ? 'minute'
            : 'month'
          : token[0]!.toLowerCase();
      const key = token === 'ss' || token === 'SSS' ? token : field;
      if (seen.has(key)) throw new RangeError(`The date-time format "${pattern}" has "${token}" twice`);
      seen.add(key);
      return part;
    })
    .join('');
  if (!seen.has('y') || !seen.has('month') || !seen.has('d')) {
    throw new RangeError(`The date-time format "${pattern}" needs YYYY, MM and DD`);
  }
  const expression = new RegExp(`^${source}$`);
  // The patterns come from a node's settings: few. The limit is for expressions that make ever new ones.
  if (compiled.size > 50) compiled.clear();
  compiled.set(pattern, expression);
  return expression;
}

function readPattern(text: string, pattern: string): Parts | undefined {
  const groups = compilePattern(pattern).exec(text)?.groups;
  if (!groups) return undefined;
  const number = (...names: string[]) =>
    Number(names.map((name) => groups[name]).find((value) => value !== undefined) ?? 0);
  let hour = number('HH', 'H', 'hh', 'h');
  const half = groups['A']?.toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  const offset = groups['Z'] === undefined ? undefined : readOffset(groups['Z']);
  if (offset === null) return undefined;
  return {
    year: number('YYYY'),
    month: number('MM', 'M'),
    day: number('DD', 'D'),
    hour,
    minute: number('mm'),
    second: number('ss'),
    ms: millis(groups['SSS']),
    ...(offset === undefined ? {} : { offset }),
  };
}

function millis(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Minutes east of UTC; null for an offset that no place has. */
function readOffset(text: string): number | null {
  if (/^(z|utc)$/i.test(text)) return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', '') || 0);
  if (hours > 14 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function exists(parts: Parts): boolean {
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 59 || parts.month < 1 || parts.month > 12) return false;
  // Years below 100 mean 19xx to Date.UTC, and are no date of an export.
  if (parts.year < 1000) return false;
  const date = new Date(Date.UTC(parts.year, parts.month - 1, parts.day));
  return date.getUTCMonth() === parts.month - 1 && date.getUTCDate() === parts.day;
}
