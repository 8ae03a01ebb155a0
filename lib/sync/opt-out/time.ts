import { FIRST_EVENT_MS, ISO_MOMENT, parseDate } from '../../core/dates';

/**
 * What is known about the time of a change.
 *
 * | status     | meaning                                                                                          |
 * | ---------- | ------------------------------------------------------------------------------------------------ |
 * | known      | usable                                                                                           |
 * | missing    | none was given                                                                                   |
 * | unreadable | no instant of a change: no time zone, not a date, or what stands for "never" (1970-01-01)         |
 * | future     | later than now: one of the clocks is wrong                                                       |
 * | record     | Campaign's time of the whole profile, or of any opt-out field: it says nothing about the one     |
 * | creation   | the moment Campaign made the profile: the field has its first value, nobody has chosen it        |
 */
export type TimeStatus = 'known' | 'missing' | 'unreadable' | 'future' | 'record' | 'creation';

export interface TimeReading {
  readonly status: TimeStatus;
  /** The column or field it was read from; `audit` for the attribute's own time in Dynamics 365. Null when there is none. */
  readonly source: string | null;
  /** UTC, ISO 8601; null where nothing could be read. */
  readonly iso: string | null;
  /** First millisecond (since the epoch) of the span in which the change was made. */
  readonly ms: number;
  /** Length of that span in milliseconds: 1,000 for a time that is given to the second. */
  readonly precisionMs: number;
}

export interface TimeContext {
  /** Now, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** How far a clock may be ahead before its time counts as in the future, in milliseconds. */
  readonly futureToleranceMs: number;
}

/** Dataverse gives whole seconds; zeros after the point, added on the way, do not make them more exact. */
export const DYNAMICS_PRECISION_MS = 1000;

/**
 * Reads an instant of either system: `2026-11-21T16:30:00Z`, `2026-11-21 16:30:00.304Z`, or with an offset. A time without a
 * zone is unreadable: guessing one could make an opt-in look newer than an opt-out.
 *
 * @param atLeastPrecisionMs the source's real precision where its text may claim a finer one
 */
export function readTime(
  value: unknown,
  source: string | null,
  context: TimeContext,
  atLeastPrecisionMs = 1,
): TimeReading {
  if (value === undefined || value === null || value === '') return without('missing', source);
  const parsed = typeof value === 'string' ? parseDate(value.trim(), ISO_MOMENT) : undefined;
  if (!parsed) return without('unreadable', source);
  const precisionMs = Math.max(parsed.precisionMs, atLeastPrecisionMs);
  const ms = Math.floor(parsed.ms / precisionMs) * precisionMs;
  const status = parsed.ms > context.nowMs + context.futureToleranceMs ? 'future' : 'known';
  return { status, source, iso: new Date(parsed.ms).toISOString(), ms, precisionMs };
}

/** As {@link readTime}, of a change: what stands for "none" is unreadable, and so proves no opt-in. */
export function readChangeTime(...asked: Parameters<typeof readTime>): TimeReading {
  const reading = readTime(...asked);
  return reading.status === 'known' && reading.ms < FIRST_EVENT_MS ? { ...reading, status: 'unreadable' } : reading;
}

/** A reading that carries no time. */
export function without(status: 'missing' | 'unreadable', source: string | null): TimeReading {
  return { status, source, iso: null, ms: 0, precisionMs: 1 };
}

/** Which change was made later; `unknown` unless both times are usable. */
export type TimeOrder = 'campaign newer' | 'equal' | 'dynamics newer' | 'unknown';

/**
 * Compares at the coarser precision: Dynamics 365 says `16:30:00` of a change at 16:30:00.900, so one in Campaign at 16:30:00.304
 * is not newer but equal. Campaign is newer only if its change was made after every moment that Dynamics' time can mean.
 */
export function timeOrder(dynamics: TimeReading, campaign: TimeReading): TimeOrder {
  if (dynamics.status !== 'known' || campaign.status !== 'known') return 'unknown';
  if (campaign.ms >= dynamics.ms + dynamics.precisionMs) return 'campaign newer';
  if (campaign.ms + campaign.precisionMs <= dynamics.ms) return 'dynamics newer';
  return 'equal';
}
