import { parseDemoArguments } from '../../../sandbox/demo/arguments';
import { Display } from '../../../sandbox/demo/display';
import type { Figures } from '../../../sandbox/demo/figures';

describe("the demo's options", () => {
  it('start with 1,000 contacts and stay until Ctrl-C', () => {
    expect(parseDemoArguments([])).toEqual({
      contacts: 1000,
      seed: 42,
      once: false,
      json: false,
      port: 0,
      help: false,
    });
  });

  it.each(['0', '-3', '1.7', 'NaN', 'many', '', '10000001'])('refuse %j contacts', (contacts) => {
    expect(() => parseDemoArguments([`--contacts=${contacts}`])).toThrow(/--contacts must be a whole number/);
  });

  it('refuse an option that does not exist', () => {
    expect(() => parseDemoArguments(['--contact', '5'])).toThrow(/--contact/);
  });
});

describe("the demo's display", () => {
  const figures = (changes: Partial<Figures> = {}): Figures => ({
    contacts: 1000,
    profiles: 10,
    backlog: 990,
    rejected: 0,
    engineCalls: 10,
    runsFailed: 0,
    optOuts: { onBothSides: 0, waiting: 0 },
    timeline: undefined,
    ...changes,
  });
  const recorder = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, isTTY, write: (text: string) => written.push(text) };
  };

  it('redraws in place on a terminal', () => {
    const terminal = recorder(true);
    const display = new Display(terminal);
    display.show(figures());
    display.show(figures({ profiles: 500 }));

    const lines = (terminal.written[0] ?? '').split('\n').length - 1;
    expect(terminal.written[1]).toBe(`\x1b[${lines}A\x1b[0J`);
    expect(terminal.written[2]).toContain('500 profiles');
  });

  it('puts lines that stay above the figures', () => {
    const terminal = recorder(true);
    const display = new Display(terminal);
    display.show(figures());
    display.say('25 contacts created');

    expect(terminal.written.at(-2)).toMatch(/\[0J$/);
    expect(terminal.written.at(-1)).toBe('25 contacts created\n');
  });

  it('writes plain lines elsewhere, at most every five seconds, and the end at once', () => {
    const terminal = recorder(false);
    let now = 0;
    const display = new Display(terminal, () => now);
    display.show(figures());
    now = 1_000;
    display.show(figures({ profiles: 100, backlog: 900 }));
    now = 5_000;
    display.show(figures({ profiles: 200, backlog: 800 }));
    now = 5_100;
    display.show(figures({ profiles: 1000, backlog: 0 }));
    now = 60_000;
    display.show(figures({ profiles: 1000, backlog: 0 }));

    expect(terminal.written.map((line) => /backlog (\d+)/.exec(line)?.[1])).toEqual(['990', '800', '0']);
    expect(terminal.written.join('')).not.toContain('\x1b');
  });
});

describe("the demo's display of opt-outs and events", () => {
  const events = (arrived: number) => ({
    send: { expected: 90, arrived: 90 },
    open: { expected: 60, arrived },
    click: { expected: 0, arrived: 0 },
    bounce: { expected: 4, arrived: 4 },
  });
  const figures = (waiting: number, arrived: number): Figures => ({
    contacts: 100,
    profiles: 100,
    backlog: 0,
    rejected: 0,
    engineCalls: 100,
    runsFailed: 0,
    optOuts: { onBothSides: 12, waiting },
    timeline: events(arrived),
  });

  it('shows what arrived of what is expected, by kind', () => {
    const written: string[] = [];
    new Display({ isTTY: true, write: (text) => written.push(text) }).show(figures(3, 20));

    const lines = written.join('').split('\n');
    expect(lines.find((line) => line.includes('Opt-outs'))).toMatch(/ 12 on both sides, 3 waiting$/);
    expect(lines.find((line) => line.includes('Opens'))).toMatch(/ 20 of +60 +█{10}░{20}$/);
    expect(lines.find((line) => line.includes('Clicks'))).toMatch(/ 0 of +0 +█{30}$/);
  });

  it('writes the plain line at once when opt-outs and events have come to rest too', () => {
    const written: string[] = [];
    let now = 0;
    const display = new Display({ write: (text) => written.push(text) }, () => now);
    for (const [waiting, arrived] of [
      [1, 0],
      [0, 20],
      [0, 60],
    ] as const) {
      now += 100;
      display.show(figures(waiting, arrived));
    }

    expect(written).toHaveLength(2);
    expect(written[1]).toContain('opt-outs 12, 0 waiting; timelines: sends 90 of 90, opens 60 of 60, clicks 0 of 0');
  });
});
