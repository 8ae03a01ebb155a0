import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OptOutLine } from '../../../../lib/sync/opt-out/compile-lines';
import { decide } from '../../../../lib/sync/opt-out/decide';
import { INVERTED_COLUMNS } from '../../../../lib/core/opt-out-fields';
import type { Direction, Side } from '../../../../lib/sync/opt-out/rules';
import { DIRECTIONS, RULES } from '../../../../lib/sync/opt-out/rules';

/** docs/opt-out-rules.md is the promise; these tests read its tables and hold the code against every case there is. */
const page = readFileSync(join(__dirname, '../../../../docs/opt-out-rules.md'), 'utf8');

function table(name: string): Record<string, string>[] {
  const after = page.split(`<!-- ${name} -->`)[1];
  if (after === undefined) throw new Error(`No table "${name}" on the page`);
  const rows = after
    .trimStart()
    .split('\n')
    .filter((_line, index, lines) => lines.slice(0, index + 1).every((line) => line.startsWith('|')))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = [], , ...body] = rows;
  return body.map((cells) => Object.fromEntries(head.map((column, index) => [column, cells[index] ?? ''])));
}

const NOW = Date.parse('2026-11-21T17:00:00Z');

/** Concrete times, with what the page calls them. */
const DYNAMICS_TIMES = [
  { status: 'known', text: '2026-11-21T16:30:00Z' },
  { status: 'missing', text: null },
  { status: 'unreadable', text: '2026-11-21T16:30:00' },
  { status: 'future', text: '2026-11-21T17:05:01Z' },
] as const;
const CAMPAIGN_TIMES = [
  { status: 'known', order: 'newer', text: '2026-11-21 16:30:01.000Z' },
  { status: 'known', order: 'newer', text: '2026-11-21 18:30:01.000+02:00' },
  { status: 'known', order: 'older or equal', text: '2026-11-21 16:30:00.999Z' },
  { status: 'known', order: 'older or equal', text: '2026-11-21 16:30:00.000Z' },
  { status: 'known', order: 'older or equal', text: '2026-11-21 16:29:59.999Z' },
  { status: 'missing', order: '', text: '' },
  { status: 'unreadable', order: '', text: '2026-11-21 16:45:00' },
  { status: 'future', order: '', text: '2026-11-21 17:05:00.001Z' },
  { status: 'record', order: '', text: '2026-11-21 16:45:00.000Z' },
  { status: 'creation', order: '', text: '2026-11-21 16:45:05.000Z' },
] as const;

const MEANINGS = table('values');
const USABLE = new Map(table('times').map((row) => [row['Status'], row['Usable'] === 'yes']));

/** What the page's table of values says a column means. */
function dynamicsMeaning(value: boolean | null, inverted: boolean): string {
  const row = MEANINGS.find(
    (candidate) =>
      candidate['Dynamics 365 column']?.startsWith(String(value)) &&
      candidate['Inverted'] === (inverted ? 'on' : 'off'),
  );
  if (!row) throw new Error('The table of values has a gap');
  return row['Means'] as string;
}

interface Example {
  direction: Direction;
  from: Side;
  inverted: boolean;
  dynamics: boolean | null;
  campaign: boolean | '';
  dynamicsTime: (typeof DYNAMICS_TIMES)[number];
  campaignTime: (typeof CAMPAIGN_TIMES)[number];
}

const EXAMPLES: Example[] = [];
for (const direction of DIRECTIONS)
  for (const from of ['dynamics', 'campaign'] as const)
    for (const inverted of [false, true])
      for (const dynamics of [true, false, null])
        for (const campaign of [true, false, ''] as const)
          for (const dynamicsTime of DYNAMICS_TIMES)
            for (const campaignTime of CAMPAIGN_TIMES)
              EXAMPLES.push({ direction, from, inverted, dynamics, campaign, dynamicsTime, campaignTime });

const PANEL_NAMES: Record<Direction, string> = {
  disabled: 'Disabled',
  dynamicsToCampaign: 'Dynamics 365 to Campaign',
  campaignToDynamics: 'Campaign to Dynamics 365',
  bidirectional: 'Bidirectional',
};

function timesFit(words: string, example: Example): boolean {
  const dynamicsUsable = USABLE.get(example.dynamicsTime.status) === true;
  const campaignUsable = USABLE.get(example.campaignTime.status) === true;
  const newer = example.campaignTime.order === 'newer';
  switch (words) {
    case 'any':
      return true;
    case 'usable in Dynamics 365':
      return dynamicsUsable;
    case 'not usable in Dynamics 365':
      return !dynamicsUsable;
    case 'usable in Campaign':
      return campaignUsable;
    case 'not usable in Campaign':
      return !campaignUsable;
    case 'Campaign newer':
      return dynamicsUsable && campaignUsable && newer;
    case 'Dynamics 365 newer or equal':
      return dynamicsUsable && campaignUsable && !newer;
    case 'not both usable':
      return !(dynamicsUsable && campaignUsable);
    default:
      throw new Error(`The page says "${words}" of times: not understood`);
  }
}

function fits(row: Record<string, string>, example: Example): boolean {
  const direction = PANEL_NAMES[example.direction];
  const from = example.from === 'dynamics' ? 'Dynamics 365' : 'Campaign';
  const dynamics = dynamicsMeaning(example.dynamics, example.inverted);
  const campaign = example.campaign === '' ? 'no value' : example.campaign ? 'opted out' : 'not opted out';
  const valueFits = (cell: string | undefined, value: string) => cell === 'any' || cell?.split(' or ').includes(value);
  return (
    (row['Direction'] === direction || (row['Direction'] === 'any but Disabled' && direction !== 'Disabled')) &&
    (row['Item from'] === 'either' || row['Item from'] === from) &&
    valueFits(row['Dynamics 365'], dynamics) === true &&
    valueFits(row['Campaign'], campaign) === true &&
    timesFit(row['Times'] as string, example)
  );
}

const DOC_RULES = table('rules');
const FIRST = new Map<Example, Record<string, string> | undefined>(
  EXAMPLES.map((example) => [example, DOC_RULES.find((row) => fits(row, example))]),
);

function run(example: Example) {
  const { status } = example.campaignTime;
  const timeField = status === 'record' ? 'lastModified' : 'blackListLastModified';
  const line: OptOutLine = { line: 1, column: 'new_flag', field: 'blackList', inverted: example.inverted, timeField };
  const created = status === 'creation' ? '2026-11-21 16:45:00.000Z' : '2020-01-01 00:00:00.000Z';
  return decide(
    {
      contactId: 'c1',
      from: example.from,
      contact: { values: { new_flag: example.dynamics }, modifiedOn: example.dynamicsTime.text },
      profile: { values: { blackList: example.campaign, [timeField]: example.campaignTime.text, created } },
    },
    [line],
    { direction: example.direction, nowMs: NOW, futureToleranceMs: 300_000 },
  );
}

describe('the table of cases in docs/opt-out-rules.md', () => {
  it('covers every combination of values, times, direction, side and inversion', () => {
    expect(EXAMPLES).toHaveLength(4 * 2 * 2 * 3 * 3 * 4 * 10);
    expect(EXAMPLES.filter((example) => FIRST.get(example) === undefined)).toEqual([]);
  });

  it('has the rules of the code, in their order', () => {
    expect(DOC_RULES.map((row) => row['Rule'])).toEqual(RULES.map((rule) => rule.id));
  });

  describe.each(DOC_RULES.map((row) => [row['Rule'] as string, row] as const))('%s', (id, row) => {
    const examples = EXAMPLES.filter((example) => FIRST.get(example) === row);

    it('decides at least one case', () => {
      expect(examples.length).toBeGreaterThan(0);
    });

    it(`writes: ${row['Written']}`, () => {
      const [what, where] = (row['Written'] as string).split(', ');
      for (const example of examples) {
        const decision = run(example);
        const optedOut = what === 'opt-out';
        const written = what !== 'nothing';
        expect({ example, rule: decision.lines[0]?.rule }).toEqual({ example, rule: id });
        expect({ example, writes: decision.toCampaign }).toEqual({
          example,
          writes: written && where === 'Campaign' ? { blackList: optedOut } : {},
        });
        expect({ example, writes: decision.toDynamics }).toEqual({
          example,
          writes: written && where === 'Dynamics 365' ? { new_flag: example.inverted ? !optedOut : optedOut } : {},
        });
      }
    });
  });

  it('never lets an opt-in be written to Campaign in Bidirectional, as the page says', () => {
    const optIns = EXAMPLES.filter(
      (example) => example.direction === 'bidirectional' && run(example).toCampaign['blackList'] === false,
    );
    expect(optIns).toEqual([]);
  });
});

describe('the other tables of docs/opt-out-rules.md', () => {
  it('list the columns whose meaning is known, with their inversion', () => {
    const listed = Object.fromEntries(table('columns').map((row) => [row['Column'], row['Inverted'] === 'on']));
    expect(listed).toEqual(INVERTED_COLUMNS);
  });

  it('list every status that a time can have', () => {
    const statuses = [...DYNAMICS_TIMES, ...CAMPAIGN_TIMES].map((time) => time.status);
    expect([...USABLE.keys()].sort()).toEqual([...new Set(statuses)].sort());
    for (const example of EXAMPLES) {
      const [line] = run(example).lines;
      expect([line?.dynamicsTimeStatus, line?.campaignTimeStatus]).toEqual([
        example.dynamicsTime.status,
        example.campaignTime.status,
      ]);
    }
  });
});
