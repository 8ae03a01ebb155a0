import { RejectedRecordError } from '../core/errors';

const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{1,100}"$/;

/** What `If-Match` takes as the state of one row: `W/"919042"`. Nothing else may stand in a header, a line break least of all. */
export function isEtag(value: unknown): value is string {
  return typeof value === 'string' && ETAG.test(value);
}

/**
 * The etag on which an item was decided; undefined where it names none.
 *
 * @throws RejectedRecordError IF_MATCH_NOT_USABLE: without the condition another state of the row might be written
 */
export function readIfMatch(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  const etag = typeof given === 'string' ? given.trim() : given;
  if (etag === '') return undefined;
  if (isEtag(etag)) return etag;
  throw new RejectedRecordError(
    'IF_MATCH_NOT_USABLE',
    'The "ifMatch" of this item is no ETag of a row, so nobody can tell on which state it was decided. Nothing was written.',
    { field: 'ifMatch', hint: 'Pass "ifMatch" on as the Opt-Out Resolver gives it, or leave it out.' },
  );
}
