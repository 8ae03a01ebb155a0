import { isGood, reportLines, type WeatherReport } from './report';

const GOOD: WeatherReport = {
  options: { minutes: 5, kills: 9, seed: 77, queue: true, people: 100, keep: undefined, help: false },
  ...{ rounds: 6, minutes: 4.26, restSeconds: 31.4, log: '' },
  ends: { mainKilled: 4, workersKilled: 5, stopped: 1, frozen: 2, endedByThemselves: 3, startsFailed: 0 },
  publishes: { published: 2, cutOff: 1 },
  changes: {
    ...{ creates: 1, updates: 22, deletes: 3, returns: 4 },
    ...{ wordsInDynamics: 5, wordsInCampaign: 6, profilesDeleted: 7, foreign: 8 },
  },
  faults: new Map([
    ['outage', 3],
    ['full disk', 12],
  ]),
  rejected: [
    { recordTable: 'timeline', recordId: 'send 1', code: 'CONTACT_GONE' },
    { recordTable: 'timeline', recordId: 'send 2', code: 'CONTACT_GONE' },
  ],
  verdict: {
    ...{ lost: [], doubled: [], wrong: [], waiting: [] },
    compared: { contacts: 100, fields: 1500, optOuts: 400, mustBeOut: 90, decisions: 70, events: 50, foreign: 2 },
  },
};

describe('the report of the weather', () => {
  it('prints seed, kills, faults by kind, what was rejected, lost and doubled', () => {
    const lines = reportLines(GOOD);
    expect(lines).toEqual(
      expect.arrayContaining([
        'seed 77, queue mode: 6 rounds in 4.3 min, at rest after 31 s',
        expect.stringMatching(/^kill -9 of n8n: 9 \(main process 4, workers 5\)/) as string,
        'faults that struck: full disk 12, outage 3',
        'rejected in the end: timeline CONTACT_GONE 2',
        'lost: 0',
        'doubled: 0',
        'All sides agree.',
      ]),
    );
    expect(isGood(GOOD)).toBe(true);
  });

  it.each(['lost', 'doubled', 'wrong', 'waiting'] as const)('is bad, and names it, where something is %s', (kind) => {
    const bad = { ...GOOD, verdict: { ...GOOD.verdict, [kind]: ['contact 1: a difference'] } };
    expect(isGood(bad)).toBe(false);
    expect(reportLines(bad)).toEqual(
      expect.arrayContaining(['  contact 1: a difference', 'FAILED; repeat it with --seed 77']),
    );
    expect(reportLines(bad)).not.toContain('All sides agree.');
  });

  it('names twenty differences at most, and says how many more there are', () => {
    const lost = Array.from({ length: 25 }, (_, index) => `contact ${index}: missing`);
    const lines = reportLines({ ...GOOD, verdict: { ...GOOD.verdict, lost } });
    expect(lines).toContain('  contact 19: missing');
    expect(lines).not.toContain('  contact 20: missing');
    expect(lines).toContain('  ... and 5 more');
  });
});
