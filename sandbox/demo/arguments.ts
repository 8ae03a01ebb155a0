import { parseArgs } from 'node:util';

export interface DemoArguments {
  readonly contacts: number;
  readonly seed: number;
  /** End after one round: changes, opt-outs, a campaign. */
  readonly once: boolean;
  /** Print one JSON result on standard output; everything for a person goes to standard error. */
  readonly json: boolean;
  /** n8n's port; 0: 5678 when it is free, else any. */
  readonly port: number;
  readonly help: boolean;
}

export const USAGE = `npm run demo -- [options]

  --contacts <n>  contacts in Dynamics 365 at the start (default 1000)
  --seed <n>      the same number gives the same contacts (default 42)
  --port <n>      n8n's port (default 5678, or a free one when that is taken)
  --once          end when contacts, opt-outs and e-mail events have arrived; exit code 0 when all of them have
  --json          print one JSON line with the result on standard output
  --help          this text
`;

/** @throws Error in words for a person when an option is unknown or no number. */
export function parseDemoArguments(argv: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      contacts: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '42' },
      port: { type: 'string', default: '0' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    contacts: wholeNumber('contacts', values.contacts, 1, 1_000_000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31),
    port: wholeNumber('port', values.port, 0, 65_535),
    once: values.once,
    json: values.json,
    help: values.help,
  };
}

/** An option's text as a number. @throws Error in words for a person when it is none, or out of bounds */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new Error(`--${name} must be a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}
