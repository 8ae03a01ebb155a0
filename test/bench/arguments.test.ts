import { parseBenchArguments } from '../../bench/arguments';

describe('the arguments of npm run bench', () => {
  it('measure the pure part and the flow when nothing is named, and never the long part', () => {
    expect(parseBenchArguments([])).toEqual({
      parts: ['pure', 'flow'],
      contacts: undefined,
      rows: 200_000,
      json: false,
      help: false,
    });
  });

  it('take parts in any order, and options beside them', () => {
    expect(parseBenchArguments(['memory', 'pure', '--contacts', '2000', '--json'])).toMatchObject({
      parts: ['pure', 'memory'],
      contacts: 2000,
      json: true,
    });
  });

  it.each([
    [['speed'], /no part "speed"/],
    [['--contacts', '99'], /from 100 to 1000000/],
    [['--contacts', '1e3'], /from 100 to 1000000/],
    [['--contacts=-500'], /from 100 to 1000000/],
    [['exports', '--rows', '999'], /--rows must be a whole number from 1000/],
    [['--fast'], /--fast/],
  ])('are refused with the reason: %j', (argv, message) => {
    expect(() => parseBenchArguments(argv)).toThrow(message);
  });
});
