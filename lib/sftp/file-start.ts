import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { toBroken, type OpenFile } from './parse-file';

const HEAD_BYTES = 64 * 1024;

/** Compressed, whatever the name says. */
export async function isGzip(open: OpenFile): Promise<boolean> {
  const source = open({ end: 1 });
  const parts: Buffer[] = [];
  for await (const chunk of source) parts.push(chunk as Buffer);
  const magic = Buffer.concat(parts);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

/** Line ends, and the bytes of a byte order mark: a line of them alone is empty. */
const OF_EMPTY_LINES: ReadonlySet<number> = new Set([0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** The first bytes of the content, to the end of the first line that is not empty, or HEAD_BYTES. */
export async function readHead(open: OpenFile, gzip: boolean): Promise<Buffer> {
  let begun = false;
  return await readStart(open, gzip, (chunk, length) => {
    const from = begun ? 0 : chunk.findIndex((byte) => !OF_EMPTY_LINES.has(byte));
    begun ||= from >= 0;
    return length >= HEAD_BYTES || (begun && chunk.includes(0x0a, from));
  });
}

/** The first bytes of a file's content, without its compression: all of it, or exactly `bytes`. */
export async function readContentStart(open: OpenFile, bytes: number): Promise<Buffer> {
  const start = await readStart(open, await isGzip(open), (_, length) => length >= bytes);
  return start.subarray(0, bytes);
}

async function readStart(
  open: OpenFile,
  gzip: boolean,
  enough: (chunk: Buffer, length: number) => boolean,
): Promise<Buffer> {
  const source = open();
  const content: Readable = gzip ? source.pipe(createGunzip()) : source;
  if (gzip) source.once('error', (error) => content.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of content) {
      const chunk = part as Buffer;
      parts.push(chunk);
      length += chunk.length;
      if (enough(chunk, length)) break;
    }
  } catch (error) {
    throw toBroken(error);
  } finally {
    source.destroy();
  }
  return Buffer.concat(parts);
}
