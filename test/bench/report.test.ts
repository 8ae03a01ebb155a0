import type { BareResult } from '../../bench/bare-client';
import type { FlowResult } from '../../bench/flow';
import { report, shareOfBare, type Figures } from '../../bench/report';

const MB = 2 ** 20;
const writing = (recordsPerSecond: number) => ({
  profiles: 1000,
  seconds: 1000 / recordsPerSecond,
  recordsPerSecond,
  endedAt: 0,
  inFlight: 10,
});
const bare = (pace: number): BareResult => ({ ...writing(pace), cpuMsPerRecord: 0.25 });
const flow = (pace: number, more: Partial<FlowResult> = {}): FlowResult => ({
  ...writing(pace),
  cpuMsPerRecord: 0.9,
  wholeSeconds: 1000 / pace + 2,
  memory: { idle: 300 * MB, steady: 400 * MB, most: 450 * MB, early: 400 * MB, late: 400 * MB },
  ...more,
});
const figures = (more: Partial<Figures>): Figures => ({
  machine: {
    processor: 'A processor',
    cores: 2,
    memoryGb: 8,
    system: 'linux 6',
    node: 'v24.0.0',
    n8n: '2.40.7',
    load: 0.1,
  },
  levels: [],
  memory: [],
  exports: [],
  ...more,
});

describe('the report of npm run bench', () => {
  it("compares the template's pace with the mean of the bare client's two runs", () => {
    expect(shareOfBare({ inFlight: 10, contacts: 1000, template: flow(90), bare: [bare(80), bare(120)] })).toBe(0.9);
  });

  it.each([
    [10, 91, 0.9, /0\.91 of the bare client \(goal 0\.9: reached\)[^]*\(goal 1 ms at most: reached\)/],
    [10, 89, 1.1, /0\.89 of the bare client \(goal 0\.9: missed\)[^]*\(goal 1 ms at most: missed\)/],
    [50, 81, 1.0, /0\.81 of the bare client \(goal 0\.8: reached\)[^]*\(goal 1 ms at most: reached\)/],
    [50, 79, 1.0, /0\.79 of the bare client \(goal 0\.8: missed\)/],
    [5, 50, 1.0, /0\.50 of the bare client\n/],
  ])('says for %i calls in flight and %i of 100 records/s whether the goal is reached', (inFlight, pace, cpu, text) => {
    const template = flow(pace, { cpuMsPerRecord: cpu });
    const level = { inFlight, contacts: 1000, template, bare: [bare(100), bare(100)] as const };
    expect(report(figures({ levels: [level] }))).toMatch(text);
  });

  it.each([
    [440, /1\.10 times as much for ten times the contacts \(goal 1\.15 at most: reached\)/],
    [480, /1\.20 times as much for ten times the contacts \(goal 1\.15 at most: missed\)/],
  ])('holds the memory at work of the two runs against each other: %i MB', (steady, text) => {
    const many = flow(100, { memory: { idle: 300 * MB, steady: steady * MB, most: 500 * MB, early: 0, late: 0 } });
    const memory = [
      { contacts: 10_000, flow: flow(100) },
      { contacts: 100_000, flow: many },
    ];
    expect(report(figures({ memory }))).toMatch(text);
  });

  it('judges the pure part by processor time, which other processes do not take', () => {
    const pure = { records: 200_000, fields: 10, seconds: 2, recordsPerSecond: 100_000, recordsPerCpuSecond: 250_000 };
    expect(report(figures({ pure }))).toMatch(/250,000 per second of processor time \(goal 200,000: reached\)/);
  });

  it.each([
    [
      440,
      /400 MB in the second quarter of the run and 440 MB in the last: 1\.10 times as much \(goal 1\.15 at most: reached\)/,
    ],
    [480, /480 MB in the last: 1\.20 times as much \(goal 1\.15 at most: missed\)/],
  ])(
    'says whether memory grows while a large export runs, and holds it against the stock nodes: %i MB at the end',
    (late, text) => {
      const run = (rows: number, most: number, cpuMicrosPerRow = 50) => ({
        rows,
        megabytes: rows / 10_000,
        seconds: 20,
        cpuMicrosPerRow,
        memory: { idle: 300 * MB, steady: 400 * MB, most: most * MB, early: 400 * MB, late: late * MB },
      });
      const written = report(
        figures({
          exports: [run(200_000, 500), run(2_000_000, 500)],
          stockExport: run(200_000, 1_300, 100),
        }),
      );
      expect(written).toMatch(text);
      expect(written).toMatch(/0\.20 of their memory over idle, and 0\.50 of their processor time/);
    },
  );
});
