/** How the pauses after failures grow. */
export interface Backoff {
  /** After the first failure, in milliseconds; doubled with each further one. */
  readonly firstMs: number;
  /** The longest pause, in milliseconds. */
  readonly longestMs: number;
}

/** The doubling stops mattering here at the latest; without an end 2 to the power of the failures would become infinite. */
const MOST_DOUBLINGS = 40;

/**
 * Milliseconds to wait after the n-th failure in a row: the first pause, doubled each time, up to the longest.
 *
 * @param failures from 1; less counts as 1
 */
export function backoffMs(failures: number, { firstMs, longestMs }: Backoff): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS);
  return Math.min(longestMs, firstMs * 2 ** doublings);
}

/**
 * The same with half of the pause by chance, so that those who failed together do not come back together.
 *
 * @param random a number in [0, 1)
 */
export function backoffWithJitterMs(failures: number, backoff: Backoff, random: () => number): number {
  return Math.round(backoffMs(failures, backoff) * (0.5 + random() / 2));
}
