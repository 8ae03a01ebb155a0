/**
 * Campaign's standard unsubscription link: its landing page in Campaign Standard (`/lp/bl?pkey=...`), its web application
 * in Campaign v8 (`/webApp/unsub...`), and its labels (docs/facts/campaign.md, "Log codes").
 */
export const UNSUBSCRIPTION_LINKS: readonly string[] = ['/lp/bl', 'unsub*', 'opt-out*', 'optout*'];

/** Campaign's mirror page: its address, and its labels. */
export const MIRROR_PAGE_LINKS: readonly string[] = ['/jsp/m.jsp', 'mirror page*', 'mirror-page*', 'mirrorpage*'];

/**
 * Makes the function that tells whether one of the patterns stands in a text. A pattern is looked for as whole words, in
 * any case; with `*` at its end, as the beginning of a word: `/lp/bl` stands in `/lp/bl?pkey=1` and not in `/lp/blue`,
 * `unsub*` in "Unsubscription link".
 */
export function linkMatcher(patterns: readonly string[]): (text: string) => boolean {
  const wanted = patterns.map((pattern) => ({
    literal: pattern.replace(/\*$/, '').toLowerCase(),
    isBeginning: pattern.endsWith('*'),
  }));
  return (text) => {
    const folded = text.toLowerCase();
    return wanted.some(({ literal, isBeginning }) => stands(literal, folded, isBeginning));
  };
}

function stands(literal: string, text: string, isBeginning: boolean): boolean {
  if (literal === '') return false;
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    const end = at + literal.length;
    const begins = !isInWord(text, at);
    if (begins && (isBeginning || !isInWord(text, end))) return true;
  }
  return false;
}

/** Whether a place lies between two letters or digits. */
function isInWord(text: string, at: number): boolean {
  return at > 0 && at < text.length && WORD.test(text[at - 1] as string) && WORD.test(text[at] as string);
}

const WORD = /[\p{L}\p{N}]/u;
