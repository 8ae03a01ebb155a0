import { Readable } from 'node:stream';
import type { SFTPWrapper } from 'ssh2';
import { isEndOfFile } from './sftp-errors';
import { READ_BYTES, RESPONSE_MS } from './sftp-limits';
import type { Waits } from './waits';

/**
 * The bytes of a file of the server. ssh2 has such a stream too, but one that waits for ever for a server that says nothing, and that can't
 * be ended while it is being opened.
 */
export class RemoteFile extends Readable {
  private handle: Buffer | undefined;
  private at = 0;

  /** @param end the last byte wanted */
  constructor(
    private readonly sftp: SFTPWrapper,
    private readonly waits: Waits,
    private readonly path: string,
    private readonly end = Infinity,
  ) {
    super({ highWaterMark: 2 * READ_BYTES });
  }

  override _read(): void {
    this.next().then(
      (chunk) => void (this.destroyed || this.push(chunk)),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { handle } = this;
    this.handle = undefined;
    if (handle) this.release(handle);
    done(error);
  }

  private async next(): Promise<Buffer | null> {
    const handle = (this.handle ??= await this.open());
    const length = Math.min(READ_BYTES, this.end - this.at + 1);
    if (length <= 0 || this.destroyed) return null;
    const buffer = Buffer.allocUnsafe(length);
    try {
      const count = await this.waits.for<number>(`read "${this.path}"`, RESPONSE_MS, (done) => {
        this.sftp.read(handle, buffer, 0, length, this.at, (error, bytes) => done(error, bytes));
      });
      this.at += count;
      return count > 0 ? buffer.subarray(0, count) : null;
    } catch (error) {
      if (isEndOfFile(error)) return null;
      throw error;
    }
  }

  private async open(): Promise<Buffer> {
    const handle = await this.waits.for<Buffer>(`open "${this.path}"`, RESPONSE_MS, (opened) => {
      this.sftp.open(this.path, 'r', opened);
    });
    // Nobody wants it any more: who ended the stream could not close what was not open yet.
    if (this.destroyed) this.release(handle);
    return handle;
  }

  /** Nobody waits for this response, but a server that does not give it is one that has stopped responding. */
  private release(handle: Buffer): void {
    this.waits
      .for<void>(`close "${this.path}"`, RESPONSE_MS, (closed) => this.sftp.close(handle, closed))
      .catch(() => undefined);
  }
}
