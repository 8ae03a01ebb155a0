import { parseArgs } from 'node:util';
import { wholeNumber } from '../sandbox/demo/arguments';

export const PARTS = ['pure', 'flow', 'memory', 'exports'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchArguments {
  readonly parts: readonly Part[];
  /** Contacts of the flow; the memory part compares this number with ten times as many. Undefined: each part's default. */
  readonly contacts: number | undefined;
  /** Of the smaller export; the other has ten times as many. */
  readonly rows: number;
  readonly json: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [pure | flow | memory ...] [options]

  pure            filter, replacements and mapping alone, on one core
  flow            the template in a real n8n, beside a bare client and beside n8n's stock nodes, at 50 ms a call
  memory          n8n's memory with 10,000 and with 100,000 contacts (several minutes)
  exports         an export of 200,000 rows and one of 2,000,000 through the template, beside n8n's stock nodes
                  with the smaller one (several minutes)
                  without a name: pure and flow

  --contacts <n>  contacts of the flow (default 3000 with 10 calls in flight, 10000 with 50);
                  of the smaller run of memory (default 10000)
  --rows <n>      rows of the smaller export (default 200000)
  --json          print one JSON line with all figures on standard output
  --help          this text
`;

/** @throws Error in words for a person when a part or an option is unknown, or a number is none */
export function parseBenchArguments(argv: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      contacts: { type: 'string' },
      rows: { type: 'string', default: '200000' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const unknown = positionals.find((name) => !PARTS.includes(name as Part));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}"; there are ${PARTS.join(', ')}.`);
  const { contacts, rows } = values;
  return {
    parts: positionals.length > 0 ? PARTS.filter((part) => positionals.includes(part)) : ['pure', 'flow'],
    contacts: contacts === undefined ? undefined : wholeNumber('contacts', contacts, 100, 1_000_000),
    rows: wholeNumber('rows', rows, 1_000, 10_000_000),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}
