import {
  API_BOOLEANS,
  EXPORT_BOOLEANS,
  LOG_FLAG,
  readBoolean,
  TYPED_BOOLEANS,
  wordToBoolean,
  type BooleanWords,
} from '../../../lib/core/boolean-words';

/** What each list makes of a word: T for true, F for false, a dot for nothing. In the order API, typed, export, log. */
const MEANINGS: readonly (readonly [word: string, meanings: string])[] = [
  ['true', 'TTTT'],
  ['1', 'TTTT'],
  ['yes', '.TTT'],
  ['y', '..TT'],
  ['t', '..TT'],
  ['on', '..T.'],
  ['false', 'FFF.'],
  ['0', 'FFF.'],
  ['no', '.FF.'],
  ['n', '..F.'],
  ['f', '..F.'],
  ['off', '..F.'],
  ['', '....'],
  ['2', '....'],
  ['-1', '....'],
  ['1.0', '....'],
  ['oui', '....'],
  ['null', '....'],
  ['constructor', '....'],
];
const LISTS: readonly BooleanWords[] = [API_BOOLEANS, TYPED_BOOLEANS, EXPORT_BOOLEANS, LOG_FLAG];
const letter = (value: boolean | undefined) => (value === undefined ? '.' : value ? 'T' : 'F');

describe('boolean words', () => {
  it.each(MEANINGS)('%j means %s to the lists', (word, meanings) => {
    expect(LISTS.map((list) => letter(readBoolean(word, list))).join('')).toBe(meanings);
    expect(LISTS.map((list) => letter(readBoolean(` ${word.toUpperCase()}\n`, list))).join('')).toBe(meanings);
    expect(LISTS.map((list) => letter(wordToBoolean(word.toUpperCase(), list))).join('')).toBe(meanings);
  });

  it.each([
    [true, 'TTTT'],
    [false, 'FFFF'],
    [1, 'TTTT'],
    [0, 'FFF.'],
    [-0, 'FFF.'],
    [2, '....'],
    [NaN, '....'],
    [null, '....'],
    [undefined, '....'],
    [['true'], '....'],
    [new Date(1), '....'],
  ])('the value %p means %s to the lists', (value, meanings) => {
    expect(LISTS.map((list) => letter(readBoolean(value, list))).join('')).toBe(meanings);
  });

  it('count the blanks around a single word', () => {
    expect(wordToBoolean(' true', API_BOOLEANS)).toBeUndefined();
  });
});
