import { SyncError } from '../../core/errors';

/**
 * An export file can't be used as it is and will not get better by waiting: it is moved aside with a report, none of its rows goes on,
 * and the next file is read. The message names the file's fault, never a value of a row.
 */
export class BrokenFileError extends SyncError {
  /** Bytes of the content that were read; undefined where its beginning was enough. */
  bytes?: number;
}
