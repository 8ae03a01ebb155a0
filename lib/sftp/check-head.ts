import { BrokenFileError } from '../sync/export/broken-file-error';
import { broken } from './broken';
import { BOM } from './content-tap';

/**
 * What other files than exports begin with, whatever their names say; bytes as characters. A column of Campaign may begin with a bracket
 * (`[target/@email]`), so JSON is known by two characters.
 */
const OTHER_KINDS: readonly (readonly [beginning: RegExp, what: string])[] = [
  [/^PK[\x03\x05\x07]/, 'a ZIP archive, as workbooks of Excel are too'],
  [/^\xd0\xcf\x11\xe0/, 'a workbook or document of an old version of Office'],
  [/^\x1f\x8b/, 'compressed with gzip a second time'],
  [/^(?:\xfd7zXZ|BZh\d|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!\x1a)/, 'compressed, and not with gzip'],
  [/^-----BEGIN PGP /, 'encrypted or signed with PGP'],
  [/^%PDF-/, 'a PDF document'],
  [/^\s*<(?:!doctype|html|head|body|\?xml|!--)/i, 'a page of HTML, or XML'],
  [/^\s*(?:\{\s*(?:"|$)|\[\s*(?:[{"]|$))/, 'JSON'],
  [/^sep=.?$/i, 'one that Excel writes before the header, to name the delimiter'],
];

/**
 * Looks at the first bytes of a file for what it can't be read as. What it is comes before whether it is whole: an archive has no line
 * end, and to upload it again would not help.
 *
 * @param head up to the end of the first line that is not empty, or more
 * @throws BrokenFileError UTF_16, CARRIAGE_RETURNS, HEADER_UNREADABLE
 */
export function checkHead(head: Buffer): void {
  const firstLine = firstLineOf(head);
  const kind = OTHER_KINDS.find(([beginning]) => beginning.test(firstLine));
  if (kind) {
    const [, what] = kind;
    throw broken(
      'HEADER_UNREADABLE',
      what.startsWith('one that') ? `The first line of the file is ${what}` : `The file is ${what}`,
      'Let the exporter write plain text with a header line, uncompressed or compressed with gzip, and not encrypted.',
    );
  }
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (marked || isUtf16(head)) {
    const how = marked ? 'UTF-16' : 'UTF-16 without a byte order mark';
    throw new BrokenFileError('UTF_16', `The file is encoded in ${how}.`, {
      hint: 'Export it in UTF-8 or Windows-1252 (Latin-1).',
    });
  }
  if (/^[^\r]*[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(firstLine)) {
    throw broken('HEADER_UNREADABLE', 'The first line of the file has control characters, so it is no header');
  }
  if (firstLine.includes('\r')) {
    throw broken(
      'CARRIAGE_RETURNS',
      'The lines of the file end with carriage returns alone, so it would be one long header line',
      'Let the export end its lines with line feeds (Unix, LF) or carriage return and line feed (Windows, CR LF).',
    );
  }
}

/** The first line of a file that is not empty, without its end and a byte order mark; bytes as characters. */
export function firstLineOf(head: Buffer): string {
  const text = head.toString('latin1', head.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0);
  return text.replace(/^(?:\r?\n)+/, '').split(/\r?\n/, 1)[0] ?? '';
}

/** Every character of ASCII has a zero byte beside it, always on the same side. */
function isUtf16(head: Buffer): boolean {
  const zeros = [0, 0];
  const length = Math.min(head.length, 4096);
  for (let at = 0; at < length; at++) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  return Math.min(even, odd) === 0 && Math.max(even, odd) >= 2 && Math.max(even, odd) * 10 >= length;
}
