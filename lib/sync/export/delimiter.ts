export const DELIMITERS = { tab: '\t', semicolon: ';', comma: ',', pipe: '|' } as const;
export type DelimiterName = keyof typeof DELIMITERS;

/**
 * The delimiter of a header line: the character that cuts it into most columns, quoted parts left alone; with equal numbers in the
 * order tab, semicolon, comma, pipe. A line with none of them has one column, and the result is tab.
 */
export function detectDelimiter(headerLine: string): string {
  const bare = headerLine.replace(/"[^"]*"/g, '');
  let best: string = DELIMITERS.tab;
  let most = 0;
  for (const delimiter of Object.values(DELIMITERS)) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}
