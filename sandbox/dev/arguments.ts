import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../demo/arguments';

export interface DevArguments {
  /** Start the emulated systems as well, and give n8n credentials for them. */
  readonly withSandbox: boolean;
  readonly contacts: number;
  readonly seed: number;
  /** n8n's port; 0: 5678 when it is free, else any. */
  readonly port: number;
  /** n8n's user folder, kept for the next time; undefined: a temporary one. */
  readonly data: string | undefined;
  /** Port of n8n's debugger; undefined: none. */
  readonly inspect: number | undefined;
  /** n8n's own names: error, warn, info, debug. */
  readonly logLevel: string;
  readonly help: boolean;
}

const LOG_LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug'];
const DEBUGGER_PORT = 9229;

export const DEV_USAGE = `npm run dev -- [options]

Starts the sandbox and a real n8n with the nodes and the templates in it. Whenever something in nodes, lib, credentials or
templates is saved, it is compiled and n8n restarts with it; workflows, executions and what is published stay.

  --contacts <n>      contacts in the emulated Dynamics 365 (default 100)
  --seed <n>          the same number gives the same contacts (default 42)
  --no-sandbox        n8n alone, without the emulated systems and their credentials
  --port <n>          n8n's port (default 5678, or a free one when that is taken)
  --data <folder>     keep n8n's data in this folder for the next time (default: a temporary one)
  --inspect[=<port>]  let a debugger attach to n8n (default port ${DEBUGGER_PORT}); breakpoints in the TypeScript files work
  --log-level <name>  of n8n's log: ${LOG_LEVELS.join(', ')} (default info)
  --help              this text
`;

/** @throws Error in words for a person when an option is unknown or its value is not possible. */
export function parseDevArguments(argv: readonly string[]): DevArguments {
  const { values } = parseArgs({
    // Node's own option of that name takes its value in the same way: after an equals sign or not at all.
    args: argv.map((argument) => (argument === '--inspect' ? `--inspect=${DEBUGGER_PORT}` : argument)),
    options: {
      contacts: { type: 'string', default: '100' },
      seed: { type: 'string', default: '42' },
      'no-sandbox': { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      data: { type: 'string' },
      inspect: { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
      help: { type: 'boolean', default: false },
    },
  });
  const logLevel = values['log-level'];
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new Error(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}".`);
  }
  return {
    withSandbox: !values['no-sandbox'],
    contacts: wholeNumber('contacts', values.contacts, 0, 1_000_000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31),
    port: wholeNumber('port', values.port, 0, 65_535),
    data: values.data === undefined ? undefined : resolve(values.data),
    inspect: values.inspect === undefined ? undefined : wholeNumber('inspect', values.inspect, 1, 65_535),
    logLevel,
    help: values.help,
  };
}
