import type { SourceValue } from './change';
import { plainDecimal } from './numbers';

/** A value as text, the same in every language: numbers with a point, booleans `true` and `false`. */
export function textOf(value: Exclude<SourceValue, null>): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? plainDecimal(value) : String(value);
}

/**
 * Whether a text has more than `max` characters. Characters are Unicode code points, as Campaign's database counts them:
 * an emoji is one, not two.
 */
export function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > max * 2) return true;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    if (isPairAt(text, index)) index++;
    if (++count > max) return true;
  }
  return false;
}

/** The first `max` characters; never half of a surrogate pair. */
export function cut(text: string, max: number): string {
  let end = 0;
  for (let count = 0; count < max && end < text.length; count++) end += isPairAt(text, end) ? 2 : 1;
  return text.slice(0, end);
}

/** A half of a surrogate pair that stands alone: no encoding of Unicode has it, and `encodeURIComponent` throws on it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Control characters but tab, line feed and carriage return; NUL is one of them. */
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/**
 * What a text holds that the other system can't store or would store as something else: `a NUL character`, `half of a surrogate pair`
 * or `a control character`; undefined where there is nothing of the kind. Such characters are damage, never meant.
 */
export function unusableCharacterIn(text: string): string | undefined {
  if (CONTROL.test(text)) return text.includes('\0') ? 'a NUL character' : 'a control character';
  return LONE_SURROGATE.test(text) ? 'half of a surrogate pair' : undefined;
}

/** At most the first `max` UTF-16 units, as .NET and SQL Server count a text's length; never half of a surrogate pair. */
export function cutToUnits(text: string, max: number): string {
  return text.slice(0, max > 0 && isPairAt(text, max - 1) ? max - 1 : max);
}

/** The text as it stands in a URL; as it is where it holds half of a surrogate pair, which has no such form. */
export function urlEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function isPairAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code < 0xd800 || code > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}
