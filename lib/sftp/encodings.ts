import { isAscii, isUtf8 } from 'node:buffer';

/** `latin1` is Windows-1252, which is what files called Latin-1 are; the name is that of saved workflows. */
export type Encoding = 'utf8' | 'latin1';

/** Characters of Windows-1252 for the bytes 0x80 to 0x9f; a blank stands for those that have none. */
const HIGH = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/**
 * Bytes as text, or undefined where they are not text of that encoding.
 *
 * The table is our own: Node's decoder of Windows-1252 takes 0x80 to 0x9f for control characters in some versions.
 */
export function decode(bytes: Buffer, encoding: Encoding): string | undefined {
  if (encoding === 'utf8') return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  const text = bytes.toString('latin1');
  if (!/[\x80-\x9f]/.test(text)) return text;
  if (/[\x81\x8d\x8f\x90\x9d]/.test(text)) return undefined;
  return text.replace(/[\x80-\x9f]/g, (character) => HIGH.charAt(character.charCodeAt(0) - 0x80));
}

/** What the lines of a file say about its encoding. */
export class EncodingEvidence {
  /** Lines that are no UTF-8. */
  notUtf8 = 0;
  /** Lines that are no Windows-1252. */
  notLatin1 = 0;
  /** Something in the file is a character of several bytes in UTF-8. */
  private multiByte = false;

  see(line: Buffer): void {
    if (isAscii(line)) return;
    if (isUtf8(line)) this.multiByte = true;
    else {
      this.notUtf8++;
      this.multiByte ||= hasMultiByte(line);
    }
    if (decode(line, 'latin1') === undefined) this.notLatin1++;
  }

  /**
   * UTF-8 where anything speaks for it: a file with few spoiled bytes must not be read as another encoding as a whole. Windows-1252 only
   * where there are high bytes and not one character of UTF-8 among them.
   */
  get detected(): Encoding {
    return this.notUtf8 === 0 || this.multiByte ? 'utf8' : 'latin1';
  }
}

/** True when at least one character of several bytes in UTF-8 stands among bytes that are not all UTF-8. */
function hasMultiByte(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead >= 0xc2 && lead <= 0xf4 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) {
      return true;
    }
  }
  return false;
}
