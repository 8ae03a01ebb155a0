import { parseDemoArguments } from '../../../sandbox/demo/arguments';
import { Display, type Figures } from '../../../sandbox/demo/display';
import { mappedPairs } from '../../../sandbox/demo/mapped-pairs';

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

describe('the pairs of columns and fields', () => {
  it('are read from the Field Mapper alone, without expressions', () => {
    const nodes = [
      {
        type: 'n8n-nodes-dynamics-campaign.recordFilter',
        parameters: { row: { column: 'statecode|state', field: 'x' } },
      },
      {
        type: 'n8n-nodes-dynamics-campaign.fieldMapper',
        parameters: {
          rows: {
            row: [
              { column: 'firstname|string', field: 'firstName|string' },
              { column: '', expression: '={{ 1 }}', field: 'cusOne|integer' },
              { column: '={{ $json.x }}', field: 'cusTwo|integer' },
              { column: 'address1_city', field: 'location.city' },
            ],
          },
        },
      },
    ].map((node) => ({ ...node, name: node.type, typeVersion: 1, position: [0, 0] as [number, number] }));

    expect(mappedPairs({ name: 'x', nodes, connections: {} })).toEqual([
      { column: 'firstname', field: 'firstName' },
      { column: 'address1_city', field: 'location.city' },
    ]);
  });
});
