/** How a mutant was found. */
export interface Finding {
  readonly mutant: string;
  readonly flow: string;
  readonly promise: string;
  /** Histories that it took, the one included in which the promise broke. */
  readonly histories: number;
}

const BEGIN = '<!-- mutants: written by `npm run test:mutants -- --write` -->';
const END = '<!-- end of mutants -->';

/**
 * Puts findings into the table between the two markers of a page. What was found before stays, of the mutants that still are.
 *
 * @param mutants names of all mutants, in the order of the table
 * @throws Error where the page has no such place
 */
export function withTable(page: string, findings: readonly Finding[], mutants: readonly string[]): string {
  const { before, after } = placeIn(page);
  const known = new Map([...findingsIn(page), ...findings].map((finding) => [finding.mutant, finding]));
  const rows = mutants.flatMap((name) => {
    const found = known.get(name);
    return found ? [`| ${found.mutant} | ${found.promise} | ${found.flow} | ${found.histories} |`] : [];
  });
  const head = ['| what is broken | the promise that broke | flow | histories |', '| --- | --- | --- | --: |'];
  return [before, '', ...head, ...rows, '', after].join('\n');
}

/** The table between the two markers. @throws Error where the page has no such place */
export function findingsIn(page: string): Finding[] {
  const rows = placeIn(page)
    .between.split('\n')
    .filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row): Finding => {
    const [mutant = '', promise = '', flow = '', histories = ''] = row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return { mutant, promise, flow, histories: Number(histories) };
  });
}

function placeIn(page: string): { before: string; between: string; after: string } {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The page has no place for the table: "${BEGIN}" and "${END}".`);
  const from = begin + BEGIN.length;
  return { before: page.slice(0, from), between: page.slice(from, end), after: page.slice(end) };
}
