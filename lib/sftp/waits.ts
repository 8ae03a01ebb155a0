import type { Clock } from '../core/clock';
import { RetriableError } from '../core/errors';

type Done<T> = (error?: Error | null, value?: T) => void;

/**
 * What is waited for on one connection. Each wait ends with the response, at its limit, or with the connection, whichever comes first: none
 * lasts for ever.
 */
export class Waits {
  private readonly pending = new Set<(reason: Error) => void>();
  private over: Error | undefined;

  /** @param giveUp called when a limit has passed, with what is to be said of it */
  constructor(
    private readonly clock: Pick<Clock, 'after'>,
    private readonly giveUp: (reason: Error) => void,
  ) {}

  /**
   * @param action completes "could not ...", e.g. `list the folder "exports"`
   * @param start sends the request; calls back with the response
   * @throws what the response says, RetriableError SFTP_NO_RESPONSE past the limit, or the reason for which the connection ended
   */
  for<T>(action: string, limitMs: number, start: (done: Done<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.over) return reject(this.over);
      const fail = (reason: Error) => {
        finish();
        reject(reason);
      };
      const stopTimer = this.clock.after(limitMs, () => {
        const reason = noResponse(action, limitMs);
        fail(reason);
        this.giveUp(reason);
      });
      const finish = () => {
        stopTimer();
        this.pending.delete(fail);
      };
      this.pending.add(fail);
      try {
        start((error, value) => {
          if (error) return fail(error);
          finish();
          resolve(value as T);
        });
      } catch (error) {
        fail(error instanceof Error ? error : new Error('unknown reason'));
      }
    });
  }

  /** Ends every wait, and each that begins later. */
  end(reason: Error): void {
    this.over ??= reason;
    for (const fail of [...this.pending]) fail(reason);
  }
}

function noResponse(action: string, limitMs: number): RetriableError {
  return new RetriableError(
    'SFTP_NO_RESPONSE',
    `Could not ${action}: the server did not respond within ${limitMs / 1000} seconds.`,
    { hint: 'A new connection is made by itself. If it lasts, ask the operator of the server.' },
  );
}
