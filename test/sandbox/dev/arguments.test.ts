import { resolve } from 'node:path';
import { parseDevArguments } from '../../../sandbox/dev/arguments';

describe('the options of npm run dev', () => {
  it('are all optional', () => {
    expect(parseDevArguments([])).toEqual({
      withSandbox: true,
      contacts: 100,
      seed: 42,
      port: 0,
      data: undefined,
      inspect: undefined,
      logLevel: 'info',
      help: false,
    });
  });

  it.each([
    [['--no-sandbox'], { withSandbox: false }],
    [['--inspect'], { inspect: 9229 }],
    [['--inspect=9333', '--port', '5680'], { inspect: 9333, port: 5680 }],
    [['--data', 'kept'], { data: resolve('kept') }],
    [['--log-level', 'debug'], { logLevel: 'debug' }],
  ])('%j', (argv, expected) => {
    expect(parseDevArguments(argv)).toMatchObject(expected);
  });

  it.each([
    [['--contact', '5'], '--contact'],
    [['--inspect=yes'], '--inspect must be a whole number'],
    [['--port', '70000'], '--port must be a whole number from 0 to 65535'],
    [['--log-level', 'loud'], 'error, warn, info, debug'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseDevArguments(argv)).toThrow(message);
  });
});
