// npm run dev: the sandbox and a real n8n with the nodes in it, rebuilt and restarted at each change.
import { DEV_USAGE, parseDevArguments } from './arguments';
import { Development } from './development';

async function main(): Promise<void> {
  const options = parseDevArguments(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(DEV_USAGE);
    return;
  }
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const development = new Development(options, say);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // More than one may come: from the terminal, and passed on by npm's own process.
    process.on(signal, () => {
      if (!development.isEnding) say('\nEnding ...');
      void development.end().finally(() => process.exit(0));
    });
  }
  try {
    await development.run();
  } catch (error) {
    if (!development.isEnding) throw error;
  } finally {
    await development.end();
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
