// npm run test:weather: a real n8n in bad weather, against what must have arrived in the end.
import { parseWeatherArguments, USAGE, type WeatherArguments } from './arguments';
import { isGood, reportLines } from './report';
import { runWeather } from './weather';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function given(): WeatherArguments {
  try {
    return parseWeatherArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const options = given();
  if (options.help) return print(USAGE);
  print(`seed ${options.seed}`);
  const report = await runWeather(options, print);
  for (const line of reportLines(report)) print(line);
  if (!isGood(report)) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
main().then(
  // Timers of late exports and held requests would keep the process for a while.
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(2);
  },
);
