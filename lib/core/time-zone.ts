import { ConfigurationError } from './errors';

const QUARTER_HOUR = 15 * 60 * 1000;
const DAY = 96 * QUARTER_HOUR;
const CACHE_LIMIT = 50_000;
const shared = new Map<string, TimeZone>();

/**
 * A time zone's offset from UTC at a given moment.
 *
 * `Intl` takes about 15 microseconds a call, too much for every record. A day at whose ends the offset is the same has it all
 * day long, and one offset per day is kept; on the few others one per quarter of an hour, where changes stand.
 */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat | undefined;
  private readonly days = new Map<number, number>();
  private readonly quarters = new Map<number, number>();

  private constructor(readonly name: string) {
    if (name === 'UTC') return;
    try {
      this.format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        era: 'short',
      });
    } catch {
      throw new ConfigurationError('UNKNOWN_TIME_ZONE', `"${name}" is not the name of a time zone.`, {
        hint: 'Give a name like Europe/Berlin or UTC in the option Time Zone.',
      });
    }
  }

  /**
   * The zone of this name; one object per process, as what it has worked out stays true.
   * @param name IANA name, e.g. `Europe/Berlin`
   * @throws ConfigurationError UNKNOWN_TIME_ZONE
   */
  static named(name: string): TimeZone {
    let zone = shared.get(name);
    if (!zone) shared.set(name, (zone = new TimeZone(name)));
    return zone;
  }

  /** Milliseconds to add to a UTC time to get the local one. */
  offsetAt(utcMs: number): number {
    if (!this.format) return 0;
    const day = Math.floor(utcMs / DAY);
    const offset = this.days.get(day) ?? remember(this.days, day, this.readDay(day));
    if (!Number.isNaN(offset)) return offset;
    const quarter = Math.floor(utcMs / QUARTER_HOUR);
    return this.quarters.get(quarter) ?? remember(this.quarters, quarter, this.readOffset(quarter * QUARTER_HOUR));
  }

  /**
   * The UTC time of a local one (given as if it were UTC). A local time that the clocks skip in spring is taken an hour later;
   * one that comes twice in autumn is the first of the two.
   */
  toUtc(localMs: number): number {
    if (!this.format) return localMs;
    const before = this.offsetAt(localMs - 86_400_000);
    const after = this.offsetAt(localMs + 86_400_000);
    if (this.offsetAt(localMs - before) === before) return localMs - before;
    if (this.offsetAt(localMs - after) === after) return localMs - after;
    return localMs - before;
  }

  /** The offset of a whole day of UTC; NaN where it changes in between. */
  private readDay(day: number): number {
    const offset = this.readOffset(day * DAY);
    return offset === this.readOffset((day + 1) * DAY) ? offset : NaN;
  }

  private readOffset(utcMs: number): number {
    const parts: Record<string, string> = {};
    for (const part of this.format?.formatToParts(utcMs) ?? []) parts[part.type] = part.value;
    const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
    local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
    return local.getTime() - utcMs;
  }
}

function remember(cache: Map<number, number>, key: number, offset: number): number {
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(key, offset);
  return offset;
}
