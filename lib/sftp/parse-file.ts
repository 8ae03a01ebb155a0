import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SyncError } from '../core/errors';
import { broken } from './broken';
import type { ContentTap } from './content-tap';
import { EXPANSION_FREE, LARGEST_CONTENT, MOST_EXPANSION } from './file-limits';

/** Opens the file from its beginning; `end` is the last byte wanted. */
export type OpenFile = (options?: { readonly end?: number }) => Readable;

/**
 * Reads the whole file through the tap, from which the content is taken, and notes the size of the file as it lies on the server.
 *
 * @param take takes the content; without it, the caller reads the tap while this runs
 * @throws BrokenFileError for faults of compression and size; errors of the connection as they come
 */
export async function readThrough(
  open: OpenFile,
  gzip: boolean,
  tap: ContentTap,
  signal: AbortSignal,
  take?: (content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const source = open();
  let raw = 0;
  source.on('data', (chunk: Buffer) => (raw += chunk.length));
  // The listener must not set the stream flowing before the pipeline is there.
  source.pause();
  tap.check = (bytes) => {
    if (bytes > LARGEST_CONTENT) return broken('FILE_TOO_LARGE', `The file holds more than ${LARGEST_CONTENT} bytes`);
    if (!gzip || bytes <= EXPANSION_FREE || bytes <= raw * MOST_EXPANSION) return undefined;
    return broken(
      'GZIP_EXPANDS',
      `The compressed file becomes more than ${MOST_EXPANSION} times as large, and larger than ${EXPANSION_FREE} bytes`,
      'Exports become 5 to 30 times as large. Look at the file; if it is what it should be, upload it uncompressed.',
    );
  };
  const unpacked = gzip ? createGunzip() : undefined;
  // What comes behind a part and is no other part ends the unpacking, without an error if it begins with a zero byte.
  const more = () => unpacked?.readableEnded === true && raw > unpacked.bytesWritten;
  // Node 20 tells of an aborted pipeline where the taker has thrown.
  let fault: unknown;
  const taker = async (content: AsyncIterable<Buffer>) => {
    try {
      await take?.(content);
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  try {
    const streams = [source, ...(unpacked ? [unpacked] : []), tap, ...(take ? [taker] : [])];
    await pipeline(streams as unknown as [Readable, ContentTap], { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw more() ? somethingBehind() : toBroken(fault instanceof SyncError ? fault : error);
  }
  if (more()) throw somethingBehind();
  tap.rawBytes = raw;
}

function somethingBehind(): SyncError {
  return broken('GZIP_BROKEN', 'The compressed file has something behind its end that can not be read');
}

/** Faults of the file's content become BrokenFileError; whatever else (the connection's) stays as it is. */
export function toBroken(error: unknown): unknown {
  if (error instanceof SyncError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return broken('GZIP_TORN', 'The compressed file was cut off');
  if (code.startsWith('Z_')) return broken('GZIP_BROKEN', `The compressed file can not be read (${code})`);
  return error;
}
