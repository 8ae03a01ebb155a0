interface Waiter {
  readonly enter: () => void;
}

/**
 * One holder per key at a time, others in the order in which they came. With one instance per process, two executions
 * can't work on the same record at once. (Across processes the delivery's time limit serves:
 * lib/sync/delivery/deliveries.ts.)
 */
export class KeyLocks {
  /** A key that is held, with those who wait for it. */
  private readonly waiting = new Map<string, Waiter[]>();

  /** How many keys are held now. */
  get size(): number {
    return this.waiting.size;
  }

  /**
   * Resolves once the key is held by the caller, who must {@link release} it.
   * Returns undefined, without a promise, when the key was free. Rejects with the signal's reason when it aborts first.
   */
  acquire(key: string, signal?: AbortSignal): Promise<void> | undefined {
    const queue = this.waiting.get(key);
    if (!queue) {
      this.waiting.set(key, []);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        queue.splice(queue.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        enter: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      queue.push(waiter);
    });
  }

  /** Gives the key to the one who has waited longest. */
  release(key: string): void {
    const next = this.waiting.get(key)?.shift();
    if (next) next.enter();
    else this.waiting.delete(key);
  }
}
