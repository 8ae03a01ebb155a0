import { parseArgs } from 'node:util';

export const USAGE = `npm run test:weather -- [--minutes N] [--seed N] [--queue] [--kills N] [--people N] [--keep folder]

  --minutes  how long the weather lasts; coming to rest takes some minutes more   (10)
  --kills    end the weather earlier, after so many kills of n8n's processes      (as many as there is time for)
  --seed     a whole number; the same seed draws the same changes, faults and kills (by the clock)
  --queue    n8n's queue mode: Redis, Postgres and two workers                    (regular mode)
  --people   contacts at the start                                                (200)
  --keep     a folder for both sides, n8n's log and tables, and who changed when, where something differs

Exit code 1 where anything was lost, doubled or is not as the oracles say.
`;

export interface WeatherArguments {
  readonly minutes: number;
  /** Infinity: as many as there is time for. */
  readonly kills: number;
  readonly seed: number;
  readonly queue: boolean;
  readonly people: number;
  /** Where evidence goes; undefined: nowhere. */
  readonly keep: string | undefined;
  readonly help: boolean;
}

/** @throws RangeError, TypeError for arguments that are none */
export function parseWeatherArguments(args: readonly string[], now: () => number = Date.now): WeatherArguments {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, kills: text, seed: text, people: text, keep: text, queue: flag, help: flag },
  });
  const number = (name: 'minutes' | 'kills' | 'seed' | 'people', otherwise: number, least: number): number => {
    const given = values[name];
    if (given === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(given) || Number(given) < least) {
      throw new RangeError(`--${name} takes a whole number from ${least} on`);
    }
    return Number(given);
  };
  return {
    minutes: number('minutes', 10, 1),
    kills: number('kills', Infinity, 1),
    seed: number('seed', now() % 1_000_000, 0),
    queue: values.queue === true,
    people: number('people', 200, 10),
    keep: values.keep,
    help: values.help === true,
  };
}
