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

/** Puts the table of findings between the two markers of a page. @throws Error where the page has no such place */
export function withTable(page: string, findings: readonly Finding[]): string {
  const { before, after } = placeIn(page);
  const rows = findings.map(
    ({ mutant, promise, flow, histories }) => `| ${mutant} | ${promise} | ${flow} | ${histories} |`,
  );
  const head = ['| what is broken | the promise that broke | flow | histories |', '| --- | --- | --- | ---: |'];
  return [before, '', ...head, ...rows, '', after].join('\n');
}

/** The names in the first column of the table. @throws Error where the page has no such place */
export function mutantsIn(page: string): string[] {
  const rows = placeIn(page)
    .between.split('\n')
    .filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) => (row.split(' | ')[0] ?? '').slice(2));
}

function placeIn(page: string): { before: string; between: string; after: string } {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The page has no place for the table: "${BEGIN}" and "${END}".`);
  const from = begin + BEGIN.length;
  return { before: page.slice(0, from), between: page.slice(from, end), after: page.slice(end) };
}
