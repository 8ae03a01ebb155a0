import { BrokenFileError } from '../sync/export/broken-file-error';
import { broken } from './broken';

/**
 * Looks at the first bytes of a file for what it can't be read as.
 *
 * @param head up to the end of the first line or more
 * @throws BrokenFileError UTF_16, CARRIAGE_RETURNS
 */
export function checkHead(head: Buffer): void {
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (marked || isUtf16(head)) {
    const how = marked ? 'UTF-16' : 'UTF-16 without a byte order mark';
    throw new BrokenFileError('UTF_16', `The file is encoded in ${how}.`, {
      hint: 'Export it in UTF-8 or Windows-1252 (Latin-1).',
    });
  }
  const lineFeed = head.indexOf(0x0a);
  const firstLine = head.subarray(0, lineFeed < 0 ? head.length : lineFeed);
  const at = firstLine.indexOf(0x0d);
  if (at >= 0 && at < firstLine.length - 1) {
    throw broken(
      'CARRIAGE_RETURNS',
      'The lines of the file end with carriage returns alone, so it would be one long header line',
      'Let the export end its lines with line feeds (Unix, LF) or carriage return and line feed (Windows, CR LF).',
    );
  }
}

/** Every character of ASCII has a zero byte beside it, always on the same side. */
function isUtf16(head: Buffer): boolean {
  const zeros = [0, 0];
  const length = Math.min(head.length, 4096);
  for (let at = 0; at < length; at++) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  return Math.min(even, odd) === 0 && Math.max(even, odd) >= 2 && Math.max(even, odd) * 10 >= length;
}
