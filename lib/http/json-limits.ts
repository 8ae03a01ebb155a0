/** What one JSON text may hold: far above every page and all metadata, below what takes more memory than n8n has. */
export interface JsonLimits {
  /** Objects and lists within each other. */
  readonly depth: number;
  /** Objects and lists in all. An empty one takes two characters of a response and, read, 16 to 64 bytes. */
  readonly containers: number;
  /** Values and properties, by their commas. */
  readonly values: number;
}

const JSON_LIMITS: JsonLimits = { depth: 100, containers: 500_000, values: 10_000_000 };

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * What a JSON text has too much of, as the end of a sentence about the response; undefined where it is within the limits. Looked at
 * before it is parsed: 40 MB of empty lists, 39 KB on the wire, would become gigabytes of objects.
 */
export function jsonExcess(text: string, limits: JsonLimits = JSON_LIMITS): string | undefined {
  let depth = 0;
  let containers = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 91: // [
      case 123: // {
        if (++depth > limits.depth) return `has more than ${limits.depth} objects within each other`;
        if (++containers > limits.containers) return `has more than ${limits.containers.toLocaleString('en')} objects`;
        break;
      case 93: // ]
      case 125: // }
        depth--;
        break;
      case 44: // ,
        if (++values > limits.values) return `has more than ${limits.values.toLocaleString('en')} values`;
        break;
    }
  }
  return undefined;
}

/** The position of a string's closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
