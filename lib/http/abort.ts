import { setMaxListeners } from 'node:events';
import { RetriableError } from '../core/errors';

/** What every call throws when its signal aborts. */
export function aborted(): RetriableError {
  return new RetriableError('ABORTED', 'The work was stopped before it was done.', {
    hint: 'The execution was cancelled, or n8n is shutting down. Nothing is lost: the batch is delivered again.',
  });
}

/** The promise's result, or RetriableError ABORTED as soon as the signal aborts. The promise goes on for others that wait for it. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(aborted());
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted());
    const done = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}

const expected = new WeakSet<AbortSignal>();

/** All requests of an execution listen to one signal: that is no leak, and Node shall not warn of one. */
export function expectManyListeners(signal: AbortSignal): void {
  if (expected.has(signal)) return;
  expected.add(signal);
  setMaxListeners(0, signal);
}
