import { parseFuzzArguments } from './arguments';
import { answersPart } from './fuzz-responses';
import { filesPart } from './fuzz-files';
import { recordsPart } from './fuzz-records';
import { replayLine, runPart, type FuzzPart } from './part';

// The long form is npm run test:fuzz. A random seed finds what the fixed ones don't; a finding names its own.
const SEEDS = [1, 2, 3, Date.now() % 1_000_000];
const CASES: readonly (readonly [FuzzPart, number])[] = [
  [recordsPart, 25],
  [filesPart, 25],
  [answersPart, 40],
];

describe.each(SEEDS)('with the seed %d', (seed) => {
  it.each(CASES.map(([part, cases]) => ({ name: part.name, part, cases })))(
    'hostile $name stop nothing, lose nothing and tell nothing',
    async ({ part, cases }) => {
      const found = await runPart(part, seed, cases);
      expect(found.map((each) => `${replayLine(each)}\n${each.finding}`)).toEqual([]);
    },
    60_000,
  );
});

describe('a run', () => {
  const run = (finding: string | undefined, only?: number) =>
    runPart(
      { name: 'files', perCase: 1, run: (_seed, index) => Promise.resolve(index === 2 ? finding : undefined) },
      7,
      5,
      only,
    );

  it('names the seed and the number of what it finds, and repeats that case alone', async () => {
    const [found] = await run('lost a row');
    expect(found).toEqual({ part: 'files', seed: 7, index: 2, finding: 'lost a row' });
    expect(found && replayLine(found)).toBe('npm run test:fuzz -- --seed 7 --only files:2');
    expect(await run('lost a row', 2)).toHaveLength(1);
    expect(await run('lost a row', 3)).toEqual([]);
  });

  it('takes what a case throws for a finding', async () => {
    const thrown: FuzzPart = { name: 'files', perCase: 1, run: () => Promise.reject(new TypeError('not a text')) };
    expect(await runPart(thrown, 1, 1)).toMatchObject([{ finding: expect.stringContaining('not a text') as string }]);
  });
});

describe('the arguments', () => {
  it('run all parts at their full size where nothing is said, and only what is named otherwise', () => {
    expect(parseFuzzArguments([]).counts).toEqual({ records: 100_000, files: 5_000, answers: 2_000 });
    expect(parseFuzzArguments(['--files', '7', '--seed', '3'])).toMatchObject({
      counts: { records: 0, files: 7, answers: 0 },
      seed: 3,
    });
    expect(parseFuzzArguments(['--only', 'records:12']).only).toEqual({ part: 'records', index: 12 });
  });

  it.each([
    ['--seed', 'x'],
    ['--records', '-1'],
    ['--only', 'rows:1'],
    ['--only', 'records'],
    ['--what', '1'],
  ])('refuse %s %s', (option, value) => {
    expect(() => parseFuzzArguments([`${option}=${value}`])).toThrow();
  });
});
