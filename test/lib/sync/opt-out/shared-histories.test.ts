import type { OptOutLine } from '../../../../lib/sync/opt-out/compile-lines';
import type { Direction } from '../../../../lib/sync/opt-out/rules';
import { GLOBAL, GLOBAL_LINES, ModelSystems, SHARED_LINES, randomFrom, type Reading } from './model-systems';

const FIRST_SEED = Number(process.env['OPT_OUT_SEED'] ?? 20261127);
const HISTORIES = 500;

/** The rule of Bidirectional in its words; see histories.test.ts. */
function oracle(read: Reading, line: number): boolean {
  const [dynamics, campaign, campaignMs] = [read.dynamics[line], read.campaign[line], read.campaignMs[line]];
  const newer = campaignMs !== undefined && Math.floor(campaignMs / 1000) > Math.floor(read.dynamicsMs / 1000);
  return (newer ? campaign : dynamics || campaign) === true;
}

interface Played {
  seed: number;
  systems: ModelSystems;
  /** The last thing that a person said about each field, in either system and by whichever column. True: opted out. */
  lastWord: Map<string, boolean>;
  optedIn: Set<string>;
  optedOut: Set<string>;
  echoWrites: number;
}

function play(seed: number, direction: Direction, lines: readonly OptOutLine[]): Played {
  const random = randomFrom(seed);
  const pick = (n: number) => Math.floor(random() * n);
  const systems = new ModelSystems(direction, lines);
  const played: Played = {
    seed,
    systems,
    lastWord: new Map(),
    optedIn: new Set(),
    optedOut: new Set(),
    echoWrites: 0,
  };
  const say = (field: string, optedOut: boolean) => {
    played.lastWord.set(field, optedOut);
    played[optedOut ? 'optedOut' : 'optedIn'].add(field);
  };
  for (let step = 0; step < 60; step++) {
    systems.now += [0, 1, 300, 900, 5000, 3_600_000][pick(6)] as number;
    const line = lines[pick(lines.length)] as OptOutLine;
    const optedOut = random() < 0.5;
    const action = pick(11);
    if (action === 0) systems.changeContact(null);
    else if (action === 1 || action === 2) {
      systems.changeContact(line, optedOut);
      say(line.field, optedOut);
    } else if (action === 3) {
      systems.changeProfile(line, optedOut);
      say(line.field, optedOut);
    } else if (action === 4) {
      systems.changeProfile(GLOBAL, optedOut);
      say(GLOBAL.field, optedOut);
    } else if (action < 7) systems.runExport((['arrives', 'twice', 'lost'] as const)[pick(3)] ?? 'arrives');
    else if (action < 9) systems.decideNext(pick(systems.waiting.length));
    else systems.writeNext(pick(systems.underWay.length));
  }
  settle(systems);
  const before = systems.written.length;
  if (direction !== 'dynamicsToCampaign') systems.waiting.push('dynamics');
  if (direction !== 'campaignToDynamics') systems.waiting.push('campaign');
  finish(systems);
  played.echoWrites = systems.written.length - before;
  return played;
}

function finish(systems: ModelSystems): void {
  while (systems.waiting.length > 0 || systems.underWay.length > 0) {
    systems.decideNext(0);
    systems.writeNext(0);
  }
}

function settle(systems: ModelSystems): void {
  systems.profile.changed = true;
  for (let round = 0; round < 20; round++) {
    systems.now += 60_000;
    systems.runExport('arrives');
    if (systems.waiting.length === 0 && systems.underWay.length === 0) return;
    finish(systems);
  }
  throw new Error('The systems do not come to rest');
}

/** The seeds of those that break a promise, each with a word on how. */
function broken(all: readonly Played[], promise: (played: Played) => string | undefined): string[] {
  return all.flatMap((played) => {
    const complaint = promise(played);
    return complaint ? [`OPT_OUT_SEED=${played.seed}: ${complaint}`] : [];
  });
}

const histories = (direction: Direction, lines: readonly OptOutLine[]) =>
  Array.from({ length: HISTORIES }, (_, index) => play(FIRST_SEED + index, direction, lines));

describe.each([
  ['without a column for blackList', SHARED_LINES],
  ['with a column for blackList', GLOBAL_LINES],
] as const)(
  `${HISTORIES} histories with two columns for one field and an opt-out from everything, %s`,
  (_what, lines) => {
    const all = histories('bidirectional', lines);
    const isChannel = ({ field }: OptOutLine) => field !== GLOBAL.field;

    it('write nothing but what the rule says of the values and times that were read', () => {
      const complaints = broken(all, ({ systems }) => {
        const wrong = systems.written.find(({ read, line, optedOut }) => oracle(read, line.line) !== optedOut);
        return wrong && `line ${wrong.line.line} was set to ${wrong.optedOut} in ${wrong.side}`;
      });
      expect(complaints).toEqual([]);
    });

    it('never write an opt-in to Campaign', () => {
      const complaints = broken(all, ({ systems }) =>
        systems.written.some(({ side, optedOut }) => side === 'campaign' && !optedOut) ? 'did' : undefined,
      );
      expect(complaints).toEqual([]);
    });

    it('end with both sides equal', () => {
      const complaints = broken(all, ({ systems }) => {
        const open = lines.find((line) => systems.optedOutInDynamics(line) !== systems.optedOutInCampaign(line));
        return open && `line ${open.line} differs`;
      });
      expect(complaints).toEqual([]);
    });

    it('write nothing for an echo', () => {
      expect(broken(all, ({ echoWrites }) => (echoWrites > 0 ? 'did' : undefined))).toEqual([]);
    });

    it('end opted out on both sides where an opt-out of the channel, or of everything, was the last word', () => {
      let tried = 0;
      const complaints = broken(all, ({ systems, lastWord }) => {
        const everything = lastWord.get(GLOBAL.field) === true;
        for (const line of lines.filter((one) => lastWord.get(one.field) === true || (everything && isChannel(one)))) {
          tried += 1;
          if (!systems.optedOutInDynamics(line) || !systems.optedOutInCampaign(line)) return `line ${line.line} is not`;
        }
        return undefined;
      });
      expect(complaints).toEqual([]);
      expect(tried).toBeGreaterThan(HISTORIES);
    });

    it('lose no opt-out where nobody opted in', () => {
      let tried = 0;
      const complaints = broken(all, ({ systems, optedOut, optedIn }) => {
        for (const line of lines.filter(({ field }) => optedOut.has(field) && !optedIn.has(field))) {
          tried += 1;
          if (!systems.optedOutInDynamics(line) || !systems.optedOutInCampaign(line)) return `line ${line.line} is not`;
        }
        return undefined;
      });
      expect(complaints).toEqual([]);
      expect(tried).toBeGreaterThan(HISTORIES / 10);
    });
  },
);

describe.each([
  ['dynamicsToCampaign', 'campaign', 'dynamics'],
  ['campaignToDynamics', 'dynamics', 'campaign'],
] as const)(`${HISTORIES} histories with two columns for one field, %s`, (direction, target, source) => {
  const all = histories(direction, SHARED_LINES);

  it(`write ${target} alone, and there what ${source} held`, () => {
    const complaints = broken(all, ({ systems }) => {
      const wrong = systems.written.find(
        ({ side, read, line, optedOut }) => side !== target || read[source][line.line] !== optedOut,
      );
      return wrong && `line ${wrong.line.line} was set to ${wrong.optedOut} in ${wrong.side}`;
    });
    expect(complaints).toEqual([]);
    expect(all.reduce((sum, { systems }) => sum + systems.written.length, 0)).toBeGreaterThan(HISTORIES);
  });

  it('write nothing for an echo', () => {
    expect(broken(all, ({ echoWrites }) => (echoWrites > 0 ? 'did' : undefined))).toEqual([]);
  });
});
