import { replaceGuids } from '../core/guid';

const LONGEST = 240;

/**
 * A server's error text with everything cut out that may be a value of a record: what was sent, what stands in quotes and is no known name,
 * e-mail addresses, GUIDs, longer numbers, a database's details. Codes such as `RST-360011` stay.
 *
 * @param sent values that the request carried
 * @param names quoted words that may stay: names of fields and resources
 */
export function redact(
  text: string,
  sent: Iterable<string> = [],
  names: { has(word: string): boolean } = new Set<string>(),
): string {
  let result = text;
  const values = [...sent].filter((value) => value.length > 1).sort((a, b) => b.length - a.length);
  for (const value of values) if (!names.has(value)) result = result.replaceAll(value, '…');
  result = result
    .replace(/<[^>]*>/g, ' ')
    .replace(/\bDETAIL\b.*$/is, '')
    .replace(/=\s*\([^)]*\)/g, '=(…)')
    .replace(/"([^"]*)"|'([^']*)'|‘([^’]*)’|“([^”]*)”/g, (quoted, a?: string, b?: string, c?: string, d?: string) => {
      const word = a ?? b ?? c ?? d ?? '';
      return names.has(word) || /^[a-z]{2,8}:[\w:]+$/.test(word)
        ? quoted
        : quoted.charAt(0) + '…' + quoted.charAt(quoted.length - 1);
    })
    .replace(/[^\s'"<>()]+@[^\s'"<>()]+/g, '…');
  result = replaceGuids(result, '…')
    .replace(/(?<![A-Z]{3}-|0x[0-9a-fA-F]{0,7}|\w)[+(]?\d[\d\s().\/:-]{2,}\d/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return result.length > LONGEST ? `${result.slice(0, LONGEST)}…` : result;
}
