// npm run demo: emulated Dynamics 365 and Adobe Campaign, a real n8n between them, and what happens, live.
import { setTimeout as sleep } from 'node:timers/promises';
import { USAGE, parseDemoArguments, type DemoArguments } from './arguments';
import { secondsSince } from './chapters';
import { Demo, type Round } from './demo';
import { resultOf } from './result';
import { differencesInWords, StallError } from './wait';

async function main(): Promise<void> {
  const options = parseDemoArguments(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const demo = new Demo(options);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // More than one may come: from the terminal, and passed on by npm's own process.
    process.on(signal, () => {
      if (!demo.isEnding) demo.say('\nEnding ...');
      void demo.end().finally(() => process.exit(options.once ? 130 : 0));
    });
  }
  try {
    await tell(demo, options);
    if (!options.once) await goOn(demo);
  } catch (error) {
    if (!demo.isEnding) throw error;
  } finally {
    await demo.end();
  }
}

/** The whole story once, and its result. */
async function tell(demo: Demo, { json }: DemoArguments): Promise<void> {
  const startedAt = Date.now();
  const times: Record<string, number> = {};
  let round: Round | undefined;
  const report = async (measured: StallError['measured']) => {
    const result = resultOf(measured, round, demo.comparedFields);
    if (!result.ok) process.exitCode = 1;
    if (!result.ok && round) demo.say(['\nNot all of it arrived.', ...differencesInWords(measured)].join('\n'));
    if (json) process.stdout.write(`${JSON.stringify({ ...result, ...times, requests: await demo.requests() })}\n`);
  };
  try {
    await demo.start();
    times['startSeconds'] = secondsSince(startedAt);
    times['initialLoadSeconds'] = await demo.load();
    round = await demo.round();
    await report(await demo.settle());
  } catch (error) {
    if (error instanceof StallError) await report(error.measured);
    throw error;
  }
}

/** Until Ctrl-C: shows how everything goes, and makes another round when it is asked for. */
async function goOn(demo: Demo): Promise<void> {
  const isTerminal = process.stdin.isTTY;
  demo.say(`Everything goes on running. ${isTerminal ? 'Enter makes another round, ' : ''}Ctrl-C ends it.`);
  let isAskedFor = false;
  if (isTerminal) process.stdin.on('data', () => (isAskedFor = true));
  for (;;) {
    if (isAskedFor) {
      isAskedFor = false;
      await demo.round();
      demo.say('Enter makes another round, Ctrl-C ends it.');
    }
    await demo.settle();
    await sleep(1_000);
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
