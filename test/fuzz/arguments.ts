import { parseArgs } from 'node:util';
import type { FuzzPart } from './part';

export const USAGE = `npm run test:fuzz -- [--records N] [--files N] [--answers N] [--seed N] [--only part:index]

  --records  hostile records, in batches of ten, through every node that works on records  (100000)
  --files    hostile export files                                                          (5000)
  --answers  hostile responses to the clients of both systems                              (2000)
  --seed     a whole number; the same seed makes the same input                            (by the clock)
  --only     one case alone, as a finding names it: records:1234

Numbers of which one is given are the only ones that run. Exit code 1 where anything was found.
`;

export interface FuzzArguments {
  readonly counts: Readonly<Record<FuzzPart['name'], number>>;
  readonly seed: number;
  readonly only: { readonly part: FuzzPart['name']; readonly index: number } | undefined;
  readonly help: boolean;
}

const DEFAULTS = { records: 100_000, files: 5_000, answers: 2_000 } as const;
const PARTS = ['records', 'files', 'answers'] as const;

/** @throws RangeError, TypeError for arguments that are none */
export function parseFuzzArguments(args: readonly string[], now: () => number = Date.now): FuzzArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { records: text, files: text, answers: text, seed: text, only: text, help: { type: 'boolean' } },
  });
  const given = PARTS.filter((part) => values[part] !== undefined);
  const count = (part: FuzzPart['name']) => {
    if (values[part] !== undefined) return wholeNumber(values[part], `--${part}`);
    return given.length === 0 ? DEFAULTS[part] : 0;
  };
  return {
    counts: { records: count('records'), files: count('files'), answers: count('answers') },
    seed: values.seed === undefined ? now() % 1_000_000 : wholeNumber(values.seed, '--seed'),
    only: values.only === undefined ? undefined : caseOf(values.only),
    help: values.help === true,
  };
}

function caseOf(text: string): FuzzArguments['only'] {
  const [name, index] = text.split(':');
  const part = PARTS.find((each) => each === name);
  if (part === undefined) throw new RangeError('--only names a part and a number, like records:1234');
  return { part, index: wholeNumber(index ?? '', '--only') };
}

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${option} takes a whole number`);
  return Number(text);
}
