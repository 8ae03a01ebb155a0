import { endsOptedOut, type Word } from '../../../sandbox/oracles/opt-out-history';

/** `d+`: an opt-out in Dynamics 365; `c-`: an opt-in in Campaign. */
const words = (text: string): Word[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({ side: word.startsWith('d') ? 'dynamics' : 'campaign', optedOut: word.endsWith('+') }));

describe('what a history of opt-ins and opt-outs ends with', () => {
  it.each(['', 'd-', 'c- d- c-'])('is an opt-in where nobody ever opted out: "%s"', (text) => {
    expect(endsOptedOut(words(text))).toBe(false);
  });

  it.each(['d+', 'c+', 'c- d+', 'd- c+', 'c+ c- d+'])('is an opt-out where that is the last word: %s', (text) => {
    expect(endsOptedOut(words(text))).toBe(true);
  });

  it.each(['c+ d-', 'd+ c+ d-', 'd- c+ d- d-'])("is an opt-out where it is Campaign's own last word: %s", (text) => {
    expect(endsOptedOut(words(text))).toBe(true);
  });

  it.each(['d+ d-', 'd+ c-', 'c+ c-', 'c+ c- d-'])('depends on what met where an opt-in came last: %s', (text) => {
    expect(endsOptedOut(words(text))).toBeUndefined();
  });
});
