// npm run test:fuzz: hostile records, files and responses, made of a seed, against what must hold for all of them.
import { parseFuzzArguments, USAGE, type FuzzArguments } from './arguments';
import { answersPart } from './fuzz-responses';
import { filesPart } from './fuzz-files';
import { recordsPart } from './fuzz-records';
import { aboveBounds, BOUNDS, measured } from './measure';
import { replayLine, runPart, type FuzzPart } from './part';

const PARTS: readonly FuzzPart[] = [recordsPart, filesPart, answersPart];

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** True where nothing was found. */
async function runOne(part: FuzzPart, { counts, seed, only }: FuzzArguments): Promise<boolean> {
  const cases = Math.ceil(counts[part.name] / part.perCase);
  if (only ? only.part !== part.name : cases === 0) return true;
  const { result: found, figures } = await measured(() => runPart(part, seed, cases, only?.index));
  const above = aboveBounds(figures);
  print(
    `${part.name}: ${only ? 'one case' : `${cases * part.perCase} in ${cases} cases`}, ${found.length} findings, ` +
      `${figures.seconds.toFixed(1)} s; longest block of the event loop ${Math.round(figures.blockedMs)} ms, ` +
      `memory +${Math.round(figures.memoryMb)} MB`,
  );
  for (const each of found) print(`\n${replayLine(each)}\n${each.finding}`);
  for (const each of above) print(`Above the bound: ${each}.`);
  return found.length === 0 && above.length === 0;
}

async function main(): Promise<void> {
  const given = parseFuzzArguments(process.argv.slice(2));
  if (given.help) return print(USAGE);
  print(
    `seed ${given.seed}; bounds for each part: event loop never kept for more than ${BOUNDS.blockedMs} ms, ` +
      `memory never more than ${BOUNDS.memoryMb} MB above the start`,
  );
  for (const part of PARTS) if (!(await runOne(part, given))) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
});
