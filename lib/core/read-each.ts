import { ConfigurationError, RejectedRecordError } from './errors';
import { rejectionOutcome } from './rejection-outcome';
import type { Outcome } from './outcome';

/**
 * Reads every item of a batch. One that is wrong is rejected and all others go on; where all of them are wrong, it is the node that is
 * set or connected wrongly, and the first one's error says how.
 *
 * @param read throws ConfigurationError for an item that is not as the node needs it
 * @param reject what stands for an item that could not be read
 * @throws what `read` throws besides, and ConfigurationError where it throws one for each item
 */
export function readEach<I, T>(
  items: readonly I[],
  read: (item: I, index: number) => T,
  reject: (outcome: Outcome, item: I, index: number) => T,
): T[] {
  let first: ConfigurationError | undefined;
  let wrong = 0;
  const results = items.map((item, index): T => {
    try {
      return read(item, index);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      wrong++;
      first ??= error;
      const rejected = new RejectedRecordError(error.code, error.message, { hint: error.hint });
      return reject(rejectionOutcome(rejected), item, index);
    }
  });
  if (first && wrong === items.length) throw first;
  return results;
}

/**
 * What `work` gives, or the ConfigurationError that it throws, of these codes: what {@link readEach} then makes of it depends on the others.
 *
 * @throws what `work` throws besides
 */
export async function orOneOf<T>(codes: ReadonlySet<string>, work: () => Promise<T>): Promise<T | ConfigurationError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigurationError && codes.has(error.code)) return error;
    throw error;
  }
}
