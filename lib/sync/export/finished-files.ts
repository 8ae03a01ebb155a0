/** What a file is known by. */
export interface FileFacts {
  /** Without its folder. */
  readonly name: string;
  /** Bytes on the server. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** Of its content without compression (contentId). */
  readonly id: string;
  readonly gzip: boolean;
}

const MARK_LENGTH = 29;

/**
 * What is remembered of a finished file: 14 characters for its name, size, time and content together, 7 each for its name and its
 * content alone, and whether it was compressed. The hashes need not withstand anybody: whoever could forge a file could delete it as well.
 */
export function fileMark({ name, size, modifiedMs, id, gzip }: FileFacts): string {
  return `${hash(`${name}/${size}/${modifiedMs}/${id}`, 14)}${nameHash(name)}${hash(id, 7)}${gzip ? 'z' : 'p'}`;
}

/** True when both marks are of a file of the same name. */
export function haveSameName(one: string, other: string): boolean {
  return one.length === MARK_LENGTH && other.length === MARK_LENGTH && one.slice(14, 21) === other.slice(14, 21);
}

/**
 * True when the file itself was finished, or is one that was finished and then compressed where it lay, as Campaign does (with `.gz` at its
 * name or without). The same content under another name or with another time is another file: what it says is said again.
 *
 * @param names of all files in the folder: a file that still lies there was not compressed
 */
export function isMarked(marks: readonly string[], file: FileFacts, names: ReadonlySet<string>): boolean {
  const own = fileMark(file);
  if (marks.includes(own)) return true;
  if (!file.gzip) return false;
  const before = [file.name, file.name.replace(/\.gz$/i, '')].filter((name) => name === file.name || !names.has(name));
  const plain = new Set(before.map((name) => `${nameHash(name)}${hash(file.id, 7)}p`));
  return marks.some((mark) => plain.has(mark.slice(14)));
}

function nameHash(name: string): string {
  return hash(name, 7);
}

/** Two 32-bit hashes of a text (cyrb53's mixing), in base 36. @param length 7 or 14 characters */
function hash(text: string, length: 7 | 14): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  const first = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const second = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(first ^ (first >>> 13), 3266489909);
  return [second, first]
    .map((word) => (word >>> 0).toString(36).padStart(7, '0'))
    .join('')
    .slice(0, length);
}
