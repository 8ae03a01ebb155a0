import type { Direction } from '../../../../lib/sync/opt-out/rules';
import type { Reading } from './model-systems';
import { LINES, ModelSystems, randomFrom } from './model-systems';

const FIRST_SEED = Number(process.env['OPT_OUT_SEED'] ?? 20261121);
const HISTORIES = 1000;

/**
 * The rule of the bidirectional mode, written from its words alone: Campaign's time newer, Campaign's value; otherwise, or where
 * Campaign has no time, the opt-out wins. True: opted out. Times are compared in whole seconds, as Dynamics 365 gives no more.
 */
function oracle(dynamics: boolean, campaign: boolean, dynamicsMs: number, campaignMs: number | undefined): boolean {
  const campaignNewer = campaignMs !== undefined && Math.floor(campaignMs / 1000) > Math.floor(dynamicsMs / 1000);
  return campaignNewer ? campaign : dynamics || campaign;
}

const oracleFor = (read: Reading, line: number) =>
  oracle(read.dynamics[line] === true, read.campaign[line] === true, read.dynamicsMs, read.campaignMs[line]);

interface Played {
  systems: ModelSystems;
  userActions: number;
  /** The last thing that a person said on each line, in either system. True: opted out. */
  lastWord: Map<number, boolean>;
  /** Lines on which a person said opt-in, in either system. */
  optedIn: Set<number>;
  optedOut: Set<number>;
  /** Values changed by the resolver once everything had settled and one more echo came from each side. */
  echoWrites: number;
}

function play(seed: number, direction: Direction): Played {
  const random = randomFrom(seed);
  const pick = (n: number) => Math.floor(random() * n);
  const systems = new ModelSystems(direction);
  const played: Played = {
    systems,
    userActions: 0,
    lastWord: new Map(),
    optedIn: new Set(),
    optedOut: new Set(),
    echoWrites: 0,
  };
  for (let step = 0; step < 60; step++) {
    // Steps from 0 ms to an hour, so that changes fall into one second as well as far apart.
    systems.now += [0, 1, 300, 900, 5000, 3_600_000][pick(6)] as number;
    const line = LINES[pick(LINES.length)] as (typeof LINES)[number];
    const optedOut = random() < 0.5;
    const action = pick(10);
    if (action < 4) {
      played.userActions += 1;
      if (action === 0) systems.changeContact(null);
      else {
        if (action === 1) systems.changeContact(line, optedOut);
        else systems.changeProfile(line, optedOut);
        played.lastWord.set(line.line, optedOut);
        played[optedOut ? 'optedOut' : 'optedIn'].add(line.line);
      }
    } else if (action < 6) systems.runExport((['arrives', 'twice', 'lost'] as const)[pick(3)] ?? 'arrives');
    else if (action < 8) systems.decideNext(pick(systems.waiting.length));
    else systems.writeNext(pick(systems.underWay.length));
  }
  settle(systems);
  const before = systems.written.length;
  // One-way, the receiving side alone: what comes from the other one is no echo.
  if (direction !== 'dynamicsToCampaign') systems.waiting.push('dynamics');
  if (direction !== 'campaignToDynamics') systems.waiting.push('campaign');
  while (systems.waiting.length > 0 || systems.underWay.length > 0) {
    systems.decideNext(0);
    systems.writeNext(0);
  }
  played.echoWrites = systems.written.length - before;
  return played;
}

/** Lets everything under way arrive, without any new change of a person. */
function settle(systems: ModelSystems): void {
  // The last export has what the lost ones had: somebody exported again after the alarm.
  systems.profile.changed = true;
  for (let round = 0; round < 20; round++) {
    systems.now += 60_000;
    systems.runExport('arrives');
    if (systems.waiting.length === 0 && systems.underWay.length === 0) return;
    while (systems.waiting.length > 0) systems.decideNext(0);
    while (systems.underWay.length > 0) systems.writeNext(0);
  }
  throw new Error('The systems do not come to rest');
}

/** Every history of a direction, played to its end. */
function histories(direction: Direction): (Played & { seed: number })[] {
  return Array.from({ length: HISTORIES }, (_, index) => ({
    seed: FIRST_SEED + index,
    ...play(FIRST_SEED + index, direction),
  }));
}

/** The seeds of those that break a promise, each with a word on how. */
function broken<P extends Played & { seed: number }>(all: P[], promise: (played: P) => string | undefined): string[] {
  return all.flatMap((played) => {
    const complaint = promise(played);
    return complaint ? [`OPT_OUT_SEED=${played.seed}: ${complaint}`] : [];
  });
}

describe(`${HISTORIES} random histories from OPT_OUT_SEED=${FIRST_SEED}, Bidirectional`, () => {
  const all = histories('bidirectional');

  it('write nothing but what the rule says of the values and times that were read', () => {
    const complaints = broken(all, ({ systems }) => {
      const wrong = systems.written.find(({ read, line, optedOut }) => oracleFor(read, line.line) !== optedOut);
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
      const open = LINES.find((line) => systems.optedOutInDynamics(line) !== systems.optedOutInCampaign(line));
      return open && `line ${open.line} differs`;
    });
    expect(complaints).toEqual([]);
  });

  it('never play ping-pong: few writes for what persons did, none for an echo', () => {
    const complaints = broken(all, ({ systems, userActions, echoWrites }) => {
      if (echoWrites > 0) return 'an echo was written';
      return systems.written.length > userActions ? `${systems.written.length} for ${userActions}` : undefined;
    });
    expect(complaints).toEqual([]);
  });

  it('end opted out on both sides where an opt-out was the last word, in whichever system', () => {
    let tried = 0;
    const complaints = broken(all, ({ systems, lastWord }) => {
      for (const line of LINES.filter(({ line }) => lastWord.get(line) === true)) {
        tried += 1;
        if (!systems.optedOutInDynamics(line) || !systems.optedOutInCampaign(line)) return `line ${line.line} is not`;
      }
      return undefined;
    });
    expect(complaints).toEqual([]);
    expect(tried).toBeGreaterThan(HISTORIES);
  });

  it('lose no opt-out where nobody opted in, and give up some where a person did', () => {
    let undone = 0;
    const complaints = broken(all, ({ systems, optedOut, optedIn }) => {
      for (const line of LINES.filter(({ line }) => optedOut.has(line))) {
        if (systems.optedOutInDynamics(line) && systems.optedOutInCampaign(line)) continue;
        undone += 1;
        if (!optedIn.has(line.line)) return `the opt-out of line ${line.line} is gone`;
      }
      return undefined;
    });
    expect(complaints).toEqual([]);
    expect(undone).toBeGreaterThan(HISTORIES / 10);
  });

  it('never undo an opt-out of push notifications in Dynamics 365: Campaign keeps no time for them', () => {
    const complaints = broken(all, ({ systems }) =>
      systems.written.some(({ line, optedOut }) => line.timeField === null && !optedOut) ? 'did' : undefined,
    );
    expect(complaints).toEqual([]);
  });
});

describe.each([
  ['dynamicsToCampaign', 'campaign', 'dynamics'],
  ['campaignToDynamics', 'dynamics', 'campaign'],
] as const)(`${HISTORIES} random histories from OPT_OUT_SEED=${FIRST_SEED}, %s`, (direction, target, source) => {
  const all = histories(direction);

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

describe(`${HISTORIES} random histories, Disabled`, () => {
  it('write nothing', () => {
    expect(broken(histories('disabled'), ({ systems }) => (systems.written.length > 0 ? 'did' : undefined))).toEqual(
      [],
    );
  });
});
