import { KeyLocks } from '../../lib/sync/delivery/key-locks';
import type { FenceClock } from '../../lib/sync/delivery/write-fence';

/** Locks on keys of records; all writing nodes of all executions in this process share them. */
export const processLocks = new KeyLocks();

/** The real clock. Its timers do not keep the process alive. */
export const fenceClock: FenceClock = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};
