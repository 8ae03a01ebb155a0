/** The words that mean true and false somewhere, in lower case. */
export interface BooleanWords {
  readonly trueWords: ReadonlySet<string>;
  readonly falseWords: ReadonlySet<string>;
}

/**
 * What the APIs of both systems, and settings, write. Nothing more where a value decides by itself what is written or compared: a
 * word that someone merely uses for yes is no certain value there.
 */
export const API_BOOLEANS: BooleanWords = words(['true', '1'], ['false', '0']);

/** What people type besides: for a column or an entry that is known to become a boolean of Campaign. */
export const TYPED_BOOLEANS: BooleanWords = words(['true', '1', 'yes'], ['false', '0', 'no']);

/** What export files hold, whoever wrote them: the words that the readers of exports take until others are set there. */
export const EXPORT_BOOLEANS: BooleanWords = words(
  ['true', 't', 'yes', 'y', 'on', '1'],
  ['false', 'f', 'no', 'n', 'off', '0'],
);

/** A flag of Campaign's logs. There is no word for false: whatever is not listed, an empty cell too, is not flagged. */
export const LOG_FLAG: BooleanWords = words(['true', 't', 'yes', 'y', '1'], []);

/** What a word means, in either case; undefined where it is not on the lists. Blanks around it are part of it. */
export function wordToBoolean(text: string, { trueWords, falseWords }: BooleanWords): boolean | undefined {
  const word = text.toLowerCase();
  if (trueWords.has(word)) return true;
  return falseWords.has(word) ? false : undefined;
}

/**
 * The boolean that a value states: a boolean itself, a number whose digits are on the lists (1 and 0), or a word of them, blanks around
 * it not counted.
 *
 * @returns undefined for everything else, null and an empty text among it: what those mean is for the caller to say
 */
export function readBoolean(value: unknown, words: BooleanWords): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return wordToBoolean(value.trim(), words);
  return typeof value === 'number' ? wordToBoolean(String(value), words) : undefined;
}

function words(trueWords: readonly string[], falseWords: readonly string[]): BooleanWords {
  return { trueWords: new Set(trueWords), falseWords: new Set(falseWords) };
}
