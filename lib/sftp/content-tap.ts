import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** UTF-8's byte order mark. */
export const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Passes the content on without its byte order mark and notes what identifies it. */
export class ContentTap extends Transform {
  /** Of the content, its byte order mark counted. */
  bytes = 0;
  /** Of the file as it lies on the server; set by whoever knows it. */
  rawBytes: number | undefined;
  endsWithNewline = false;
  /** What is wrong with so many bytes of content; set by whoever knows it. */
  check: (bytes: number) => Error | undefined = () => undefined;
  private readonly hash = createHash('sha256');
  private start: Buffer | undefined = Buffer.alloc(0);

  digest(): Uint8Array {
    return this.hash.digest();
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.bytes += chunk.length;
    const fault = this.check(this.bytes);
    if (fault) return done(fault);
    this.hash.update(chunk);
    if (chunk.length > 0) this.endsWithNewline = chunk[chunk.length - 1] === 0x0a;
    if (this.start === undefined) return done(null, chunk);
    // The byte order mark may come in two parts.
    this.start = Buffer.concat([this.start, chunk]);
    if (this.start.length < BOM.length) return done();
    done(null, this.takeStart());
  }

  override _flush(done: (error?: Error | null, data?: Buffer) => void): void {
    done(null, this.takeStart());
  }

  private takeStart(): Buffer {
    const start = this.start ?? Buffer.alloc(0);
    this.start = undefined;
    return start.subarray(0, 3).equals(BOM) ? start.subarray(3) : start;
  }
}
