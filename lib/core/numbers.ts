const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** The number that a text states with a decimal point and no grouping; undefined for anything else (`1,5`, `1 000`, `0x10`, `NaN`). */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** The shortest exact decimal text of a number, never with an exponent: 1e21 is `1000000000000000000000`. */
export function plainDecimal(value: number): string {
  const text = String(value);
  const exponentAt = text.indexOf('e');
  if (exponentAt < 0) return text;
  const exponent = Number(text.slice(exponentAt + 1));
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.slice(negative ? 1 : 0, exponentAt).split('.');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const plain =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits + '0'.repeat(point - digits.length)
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${plain}` : plain;
}

/**
 * Whether the number that a decimal text states is carried exactly by a double, and so by JSON: it is where it has at most 15
 * significant digits, or where its shortest text has the same digits.
 *
 * @param text as {@link parseNumber} takes it
 */
export function isExactNumber(text: string): boolean {
  const digits = significantDigits(text);
  return digits.length <= 15 || digits === significantDigits(String(Number(text)));
}

/** The digits without sign, point, exponent and the zeros at both ends. */
function significantDigits(text: string): string {
  const [mantissa = ''] = text.trim().toLowerCase().split('e');
  const digits = mantissa.replace(/[^\d]/g, '').replace(/^0+/, '');
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}
