import { KeyLocks } from '../../lib/sync/delivery/key-locks';

/** Locks on keys of records; all writing nodes of all executions in this process share them. */
export const processLocks = new KeyLocks();
