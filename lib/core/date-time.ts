import { EXPORTED_DATE, parseDate, parseFraction, parseOffset, wallClockMs, type ParsedDate } from './dates';
import { TimeZone } from './time-zone';

/** How date-times of a column are written. `auto`: ISO 8601 and Campaign's own formats; otherwise a pattern such as `DD.MM.YYYY HH:mm`. */
export type DateTimeFormat = 'auto' | (string & {});

/**
 * Reads a date-time and gives it as ISO 8601 in UTC with milliseconds, or undefined when it can't be read for certain.
 *
 * A text without a zone is taken in `timeZone` (an IANA name). An hour that happens twice (end of summer time) is taken as the first of
 * the two; one that does not exist (its beginning) is moved forward, as calendars do. Digits after the milliseconds are cut off.
 *
 * @throws ConfigurationError UNKNOWN_TIME_ZONE
 */
export function parseDateTime(text: string, format: DateTimeFormat, timeZone: string): string | undefined {
  const date = format === 'auto' ? parseDate(text, EXPORTED_DATE) : readPattern(text, format);
  // An earlier year is no date of an export.
  if (!date || date.year < 1000) return undefined;
  const ms = date.zoned ? date.ms : TimeZone.named(timeZone).toUtc(date.ms);
  return new Date(ms).toISOString();
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

function readPattern(text: string, pattern: string): Pick<ParsedDate, 'ms' | 'zoned' | 'year'> | undefined {
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
  const year = number('YYYY');
  const ms = parseFraction(groups['SSS'] ?? '');
  const local = wallClockMs(year, number('MM', 'M'), number('DD', 'D'), hour, number('mm'), number('ss'), ms);
  const offset = groups['Z'] === undefined ? 0 : parseOffset(groups['Z']);
  if (local === undefined || offset === undefined) return undefined;
  return { ms: local - offset, zoned: groups['Z'] !== undefined, year };
}
