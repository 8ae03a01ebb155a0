import { faultSchema } from '../../sandbox/http/faults';
import { sftpFaultsSchema } from '../../sandbox/sftp/sftp-faults';
import { exportSchema } from '../../sandbox/exports/export-job';
import { drawRound, type Round } from './plan';

const ROUNDS = 400;
const rounds = (seed: number, queue: boolean): Round[] =>
  Array.from({ length: ROUNDS }, (_, index) => drawRound(seed, index + 1, queue));

describe('the plan of the weather', () => {
  it('is the same for the same seed, round by round, and another one for another seed', () => {
    expect(rounds(7, true)).toEqual(rounds(7, true));
    expect(drawRound(7, 250, false)).toEqual(rounds(7, false)[249]);
    expect(rounds(8, true)).not.toEqual(rounds(7, true));
  });

  it('orders nothing that the sandbox does not know', () => {
    for (const { faults, storage, exports, exportsMeanwhile } of [...rounds(1, false), ...rounds(2, true)]) {
      for (const { fault } of faults) expect(() => faultSchema.parse(fault)).not.toThrow();
      expect(() => sftpFaultsSchema.parse(storage?.faults ?? {})).not.toThrow();
      for (const { kind, manner } of [...exports, ...exportsMeanwhile]) {
        expect(() => exportSchema.parse({ kind, ...manner })).not.toThrow();
      }
    }
  });

  it.each([
    [false, ['expire-tokens', 'freeze', 'kill', 'kill-starting', 'publish', 'stop']],
    [true, ['expire-tokens', 'freeze', 'kill', 'kill-starting', 'publish', 'service', 'stop']],
  ])('has every blow in its turn (queue mode: %s)', (queue, kinds) => {
    const drawn = rounds(3, queue).map(({ blow }) => blow);
    expect([...new Set(drawn.map(({ kind }) => kind))].sort()).toEqual(kinds);
    const named = new Set(drawn.flatMap((blow) => ('who' in blow ? [...blow.who] : [])));
    expect(named).toEqual(new Set(queue ? ['main', 0, 1] : ['main']));
  });

  it('kills in most rounds, some of them at once after the start', () => {
    const drawn = rounds(4, false);
    const kills = drawn.filter(({ blow }) => blow.kind.startsWith('kill'));
    expect(kills.length).toBeGreaterThan(ROUNDS / 2);
    expect(kills.some(({ writes }) => writes === 0)).toBe(true);
    expect(kills.some(({ writes }) => writes > 30)).toBe(true);
  });

  it('changes people on both sides, in every way', () => {
    const drawn = rounds(5, true).flatMap(({ before, amid, meanwhile }) => [before, amid, meanwhile]);
    const kinds = Object.keys(drawn[0] ?? {}) as (keyof (typeof drawn)[number])[];
    expect(kinds).toHaveLength(8);
    for (const kind of kinds) expect(drawn.some((changes) => changes[kind] > 0)).toBe(true);
  });
});
