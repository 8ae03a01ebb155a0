/** Time and waiting, as an argument, so that tests and simulations need not wait. All of lib takes it; nothing there reads the time elsewhere. */
export interface Clock {
  /** Milliseconds since the epoch, by the machine's clock: for points in time that are shown, stored or compared with those of others. */
  now(): number;
  /**
   * Milliseconds since some fixed moment, never going back whatever happens to the machine's clock: for measuring how long something takes
   * and for times that are only waited for.
   */
  elapsed(): number;
  /**
   * Resolves after so many milliseconds; at once where there are none to wait.
   *
   * @throws the signal's reason as soon as it aborts: whoever waits does not go on as if the time had passed
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after so many milliseconds, unless the result is called before. It keeps no process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest delay that a timer of Node keeps; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. Waits of any length are kept: longer ones than a timer takes are made of several. */
export const systemClock: Clock = {
  elapsed: () => performance.now(),
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    for (let leftMs = ms; ; leftMs -= LONGEST_TIMER_MS) {
      await sleepOnce(Math.min(leftMs, LONGEST_TIMER_MS), signal);
      // Asked this way round, so that a length that is no number ends too.
      if (!(leftMs > LONGEST_TIMER_MS)) return;
    }
  },
  after: (ms, callback) => {
    let timer: NodeJS.Timeout;
    const start = (leftMs: number) => {
      const step = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > step ? start(leftMs - step) : callback()), step).unref();
    };
    start(ms);
    return () => clearTimeout(timer);
  },
};

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
