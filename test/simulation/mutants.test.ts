import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MUTANTS } from './mutants/index';
import { findingsIn, withTable } from './mutants/table';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/delivery-guarantees.md'), 'utf8');

describe('the deliberate faults that the simulator has to find', () => {
  it('are at least 36, each with a name of its own', () => {
    const names = new Set(MUTANTS.map(({ name }) => name));
    expect(names.size).toBe(MUTANTS.length);
    expect(names.size).toBeGreaterThanOrEqual(36);
  });

  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s: fits the source', (_name, { changes }) => {
    expect(changes.length).toBeGreaterThan(0);
    for (const { file, find, replace } of changes) {
      expect(file).toMatch(/^(?:lib|nodes)\//);
      expect(existsSync(join(root, file))).toBe(true);
      expect({ find, times: readFileSync(join(root, file), 'utf8').split(find).length - 1 }).toEqual({
        find,
        times: 1,
      });
      expect(replace).not.toBe(find);
    }
  });

  it('stand in the table of docs/delivery-guarantees.md with the promise that has to break', () => {
    const found = findingsIn(page);
    expect(found.length).toBeGreaterThanOrEqual(36);
    for (const { mutant, promise } of found) {
      expect(MUTANTS.find(({ name }) => name === mutant)?.breaks).toContain(promise);
    }
  });

  it('are written into that table as they were found, and stay there as long as they are', () => {
    const [one, other] = ['One fault', 'Another fault'].map((mutant) => ({
      mutant,
      flow: 'contacts',
      promise: 'nothing is lost',
      histories: 3,
    }));
    const first = withTable(page, [one!], ['One fault', 'Another fault']);
    expect(findingsIn(first)).toEqual([one]);
    const both = withTable(first, [other!], ['One fault', 'Another fault']);
    expect(findingsIn(both)).toEqual([one, other]);
    expect(findingsIn(withTable(both, [], ['Another fault']))).toEqual([other]);
  });
});
