/**
 * True when a file name fits one of the patterns: `*` stands for any characters, `?` for one, several patterns are separated by commas
 * (`optouts_*.txt, optouts_*.csv`). Upper and lower case are the same, and so are letters with their accents in one piece or two: some
 * systems keep names in another form than keyboards make.
 *
 * A name that ends with `.gz` also fits when it fits without it: Campaign compresses files by itself once its storage is 80 % full.
 */
export function matchesPattern(name: string, patterns: string): boolean {
  const lower = name.normalize().toLowerCase();
  const names = lower.endsWith('.gz') ? [lower, lower.slice(0, -'.gz'.length)] : [lower];
  return patterns
    .normalize()
    .toLowerCase()
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .some((pattern) => names.some((candidate) => fits(candidate, pattern)));
}

/** Without a regular expression: a pattern of many stars must not take exponential time. */
function fits(name: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let retryFrom = 0;
  let p = 0;
  while (at < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      retryFrom = at;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[at])) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++retryFrom;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
