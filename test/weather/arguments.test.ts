import { parseWeatherArguments } from './arguments';

describe('the arguments of the weather test', () => {
  it('are ten minutes of regular mode with a seed by the clock when nothing is given', () => {
    expect(parseWeatherArguments([], () => 5_000_123)).toEqual({
      ...{ minutes: 10, kills: Infinity, seed: 123, queue: false, people: 200, keep: undefined, help: false },
    });
  });

  it('take numbers, queue mode and a folder', () => {
    const given = '--minutes 3 --kills 4 --seed 0 --people 10 --queue --keep there --help'.split(' ');
    expect(parseWeatherArguments(given)).toEqual({
      ...{ minutes: 3, kills: 4, seed: 0, queue: true, people: 10, keep: 'there', help: true },
    });
  });

  it.each([
    ['--minutes', '0'],
    ['--kills', '0'],
    ['--kills', '-1'],
    ['--seed', '1.5'],
    ['--people', '9'],
    ['--people', 'many'],
  ])('refuse %s %s', (option, value) => {
    expect(() => parseWeatherArguments([`${option}=${value}`])).toThrow(`${option} takes a whole number from`);
  });

  it('refuse an option that there is not', () => {
    expect(() => parseWeatherArguments(['--sunshine'])).toThrow('--sunshine');
  });
});
