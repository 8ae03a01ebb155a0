import { isExactNumber } from '../core/numbers';

/** May be a number with more than 15 digits; a text may hold as much, and is told apart below. */
const MANY_DIGITS = /\d[\d.]{15}/;

/** A whole string, or a whole number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON without altering a number: one with more digits than a double carries, as decimals, money and whole numbers of 64 bits may
 * have, becomes a text of just these digits. `JSON.parse` would round it without a word.
 *
 * @throws SyntaxError as JSON.parse
 */
export function parseExactJson(text: string): unknown {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text) as unknown;
  const exact = text.replace(TOKEN, (token) => {
    if (token.length <= 15 || token.charCodeAt(0) === 34 || isExactNumber(token)) return token;
    return `"${token}"`;
  });
  return JSON.parse(exact) as unknown;
}
