import { SyncError } from '../../core/errors';

/**
 * The delta link is too old, or the table's metadata changed (0x80044352). Only a full read helps, and it brings no deletions:
 * compare the set of ids.
 */
export class DeltaTokenExpiredError extends SyncError {
  constructor(table: string, options: { cause?: unknown } = {}) {
    super('DELTA_TOKEN_EXPIRED', `Dynamics 365 no longer knows the state up to which table "${table}" was read.`, {
      ...options,
      hint: 'The whole table is read again by itself; look for rows that were deleted meanwhile, which a full read does not tell. It happens after the days set in the organization (ExpireChangeTrackingInDays, 7 by default) without a read.',
    });
  }
}
