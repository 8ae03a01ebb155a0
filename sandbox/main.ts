import { parseArgs } from 'node:util';
import { startSandbox, type SandboxOptions } from './start';

const HELP = `npm run sandbox -- [options]

Starts emulated systems (Microsoft Entra, Dataverse, Adobe IMS, Adobe Campaign with its SFTP storage) on 127.0.0.1, prints one JSON line with
their URLs and credentials, and runs until Ctrl-C. sandbox/README.md describes the control interface at "controlUrl".

  --port <n>         port of the control interface, the systems take the five after it; 0: free ones (default 0)
  --contacts <n>     contacts to begin with (default 1000)
  --memberships <n>  memberships, linked to contacts (default 0)
  --purchases <n>    purchases, linked to memberships (default 0)
  --seed <n>         the same number gives the same data (default 42)
  --bad <1/n>        one contact in n is bad for Campaign, in eight ways (default none)
  --latency <ms>     of each response of Dataverse and Campaign (default 0)
  --product <name>   standard or v8 (default standard)
  --no-sftp          without the SFTP storage
  --help             this text
`;

function readOptions(): SandboxOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      port: text,
      contacts: text,
      memberships: text,
      purchases: text,
      seed: text,
      bad: text,
      latency: text,
      product: text,
      'no-sftp': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const number = (
    name: 'port' | 'contacts' | 'memberships' | 'purchases' | 'seed' | 'latency',
    fallback: number,
  ): number => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`--${name} must be a whole number of 0 or more, not '${values[name]}'.`);
    return value;
  };
  const bad = values.bad === undefined ? undefined : Number(values.bad.replace(/^1\//, ''));
  if (bad !== undefined && (!Number.isInteger(bad) || bad < 1))
    throw new Error(`--bad must look like 1/50, not '${values.bad}'.`);
  const product = values.product ?? 'standard';
  if (product !== 'standard' && product !== 'v8')
    throw new Error(`--product must be standard or v8, not '${product}'.`);
  return {
    port: number('port', 0),
    contacts: number('contacts', 1_000),
    memberships: number('memberships', 0),
    purchases: number('purchases', 0),
    seed: number('seed', 42),
    latency: number('latency', 0),
    product,
    sftp: values['no-sftp'] !== true,
    ...(bad === undefined ? {} : { bad }),
  };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  const sandbox = await startSandbox(options);
  const { controlUrl, dynamics365, adobeCampaign, sftp } = sandbox;
  process.stdout.write(`${JSON.stringify({ controlUrl, dynamics365, adobeCampaign, sftp })}\n`);
  const stop = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
