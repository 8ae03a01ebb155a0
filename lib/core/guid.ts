const CANONICAL = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const WHOLE = new RegExp(`^${CANONICAL}$`, 'i');
const BRACED = new RegExp(`^\\{?(${CANONICAL})\\}?$`, 'i');
const INSIDE = new RegExp(CANONICAL, 'i');

/** Whether a text is a GUID in its canonical form, in either case: no braces, no blanks around it. */
export function isGuid(text: string): boolean {
  return WHOLE.test(text);
}

/**
 * The GUID that a value states, in lower case: braces and blanks around it are taken off.
 *
 * @returns undefined for anything else, and for what is no text
 */
export function readGuid(value: unknown): string | undefined {
  return typeof value === 'string' ? BRACED.exec(value.trim())?.[1]?.toLowerCase() : undefined;
}

/** The first GUID that stands somewhere in a text, for example in a URL, in lower case. */
export function findGuid(text: string): string | undefined {
  return INSIDE.exec(text)?.[0].toLowerCase();
}
