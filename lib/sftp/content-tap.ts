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
  validUtf8 = true;
  private readonly hash = createHash('sha256');
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
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
    this.hash.update(chunk);
    if (chunk.length > 0) this.endsWithNewline = chunk[chunk.length - 1] === 0x0a;
    this.checkUtf8(chunk, true);
    if (this.start === undefined) return done(null, chunk);
    // The byte order mark may come in two parts.
    this.start = Buffer.concat([this.start, chunk]);
    if (this.start.length < BOM.length) return done();
    done(null, this.takeStart());
  }

  override _flush(done: (error?: Error | null, data?: Buffer) => void): void {
    this.checkUtf8(Buffer.alloc(0), false);
    done(null, this.takeStart());
  }

  private takeStart(): Buffer {
    const start = this.start ?? Buffer.alloc(0);
    this.start = undefined;
    return start.subarray(0, 3).equals(BOM) ? start.subarray(3) : start;
  }

  private checkUtf8(chunk: Buffer, stream: boolean): void {
    if (!this.validUtf8) return;
    try {
      this.decoder.decode(chunk, { stream });
    } catch {
      this.validUtf8 = false;
    }
  }
}
