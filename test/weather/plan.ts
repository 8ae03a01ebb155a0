import { createRandom, type Random } from '../../sandbox/seed/random';
import { drawFaults, drawStorageFault, type DrawnFault, type DrawnStorageFault } from './faults';
import { MAPPINGS, type MappingName } from './mappings';

/** What strikes n8n in a round. */
export type Blow =
  | { readonly kind: 'kill'; readonly who: readonly ProcessName[] }
  /** Killed, and then so many milliseconds after each start again. */
  | { readonly kind: 'kill-starting'; readonly who: readonly ProcessName[]; readonly againAfterMs: readonly number[] }
  | { readonly kind: 'stop'; readonly who: readonly ProcessName[] }
  /** Held for so long, as on a machine that is paused: a run of a worker may be out of date when it goes on. */
  | { readonly kind: 'freeze'; readonly who: readonly ProcessName[]; readonly forMs: number }
  /** The contact workflow with another mapping; `killAfterMs`: n8n is killed in the middle of it. */
  | { readonly kind: 'publish'; readonly mapping: MappingName; readonly killAfterMs: number | undefined }
  | { readonly kind: 'expire-tokens' }
  /** The service is away for so long. */
  | { readonly kind: 'service'; readonly service: 'redis' | 'postgres'; readonly awayMs: number };

/** A process of n8n: the main one, or a worker by its number. */
export type ProcessName = 'main' | 0 | 1;

/** How many people something happens to, on which side. */
export interface Changes {
  readonly creates: number;
  readonly updates: number;
  readonly deletes: number;
  /** Contacts that were deleted and come back under their ID. */
  readonly returns: number;
  readonly wordsInDynamics: number;
  readonly wordsInCampaign: number;
  /** Profiles of living contacts that somebody deletes in Campaign. */
  readonly profilesDeleted: number;
  /** Profiles that belong to no contact: made, changed or deleted in Campaign. */
  readonly foreign: number;
}

export interface ExportOrder {
  readonly kind: 'opt-outs' | 'delivery-logs' | 'tracking-logs';
  /** How it comes: torn, late, doubled ... in the words of the sandbox. */
  readonly manner: Readonly<Record<string, unknown>>;
}

export interface Round {
  readonly number: number;
  readonly faults: readonly DrawnFault[];
  readonly storage: DrawnStorageFault | undefined;
  /** Tokens of both sign-ins live for so many seconds; undefined: as long as they really do. */
  readonly tokenSeconds: number | undefined;
  /** The systems' clocks go ahead by so much more, in milliseconds. */
  readonly clockJumpMs: number;
  readonly before: Changes;
  /** In the middle of what n8n does with those. */
  readonly amid: Changes;
  /** An e-mail goes out to so many people; 0: none. */
  readonly delivery: number;
  readonly exports: readonly ExportOrder[];
  /** The blow comes once n8n has written so often in this round, or has had its time. */
  readonly writes: number;
  /** And so many milliseconds later. */
  readonly afterMs: number;
  readonly blow: Blow;
  /** What happens while n8n is away. */
  readonly meanwhile: Changes;
  readonly exportsMeanwhile: readonly ExportOrder[];
}

/** How often each blow comes, as parts of the whole. */
const REGULAR: readonly (readonly [number, (random: Random) => Blow])[] = [
  [60, () => ({ kind: 'kill', who: ['main'] })],
  [20, (random) => killStarting(random, ['main'])],
  [5, () => ({ kind: 'stop', who: ['main'] })],
  [3, (random) => ({ kind: 'freeze', who: ['main'], forMs: random.int(500, 8000) })],
  [4, (random) => publish(random, undefined)],
  [6, (random) => publish(random, random.int(0, 1500))],
  [2, () => ({ kind: 'expire-tokens' })],
];

const QUEUE: readonly (readonly [number, (random: Random) => Blow])[] = [
  [20, () => ({ kind: 'kill', who: ['main'] })],
  [20, (random) => ({ kind: 'kill', who: [random.pick([0, 1] as const)] })],
  [14, () => ({ kind: 'kill', who: [0, 1] })],
  [12, () => ({ kind: 'kill', who: ['main', 0, 1] })],
  [12, (random) => killStarting(random, random.pick([['main'], [0], [1], ['main', 0, 1]] as const))],
  [4, (random) => ({ kind: 'stop', who: [random.pick(['main', 0, 1] as const)] })],
  // Shorter and longer than a run may write.
  [
    7,
    (random) => ({ kind: 'freeze', who: [random.pick(['main', 0, 1, 1] as const)], forMs: random.int(1000, 28_000) }),
  ],
  [3, (random) => publish(random, undefined)],
  [4, (random) => publish(random, random.int(0, 1500))],
  [2, () => ({ kind: 'expire-tokens' })],
  // n8n gives up by itself after ten seconds without Redis.
  [5, (random) => ({ kind: 'service', service: 'redis', awayMs: random.pick([0, 1000, 4000, 15_000]) })],
  [4, (random) => ({ kind: 'service', service: 'postgres', awayMs: random.pick([0, 1000, 4000]) })],
];

function killStarting(random: Random, who: readonly ProcessName[]): Blow {
  const againAfterMs = Array.from({ length: random.int(1, 3) }, () => random.int(200, 7000));
  return { kind: 'kill-starting', who, againAfterMs };
}

function publish(random: Random, killAfterMs: number | undefined): Blow {
  return { kind: 'publish', mapping: random.pick(MAPPINGS), killAfterMs };
}

/** A round as the seed has it, whatever became of the ones before it. */
export function drawRound(seed: number, number: number, queue: boolean): Round {
  const random = createRandom(seed, number);
  const before = drawChanges(random);
  const exports = drawExports(random);
  return {
    number,
    faults: drawFaults(random),
    storage: drawStorageFault(random),
    tokenSeconds: random.chance(0.15) ? random.int(1, 5) : undefined,
    clockJumpMs: random.chance(0.2) ? random.int(1000, 5000) : 0,
    before,
    amid: drawChanges(random),
    delivery: random.chance(0.35) ? random.int(5, 40) : 0,
    exports,
    // Some at once; most in the middle of the first batches.
    writes: random.chance(0.12) ? 0 : 1 + Math.floor(random.next() ** 2 * 60),
    afterMs: Math.round(random.next() ** 2 * 1500),
    blow: drawBlow(random, queue ? QUEUE : REGULAR),
    meanwhile: drawChanges(random),
    exportsMeanwhile: drawExports(random).slice(0, 1),
  };
}

/** The stream of random numbers from which the people of a round are chosen, apart from that of the round itself. */
export function peopleOf(seed: number, round: number): Random {
  return createRandom(seed ^ 0x5eed, round);
}

function drawBlow(random: Random, table: typeof REGULAR): Blow {
  const whole = table.reduce((sum, [part]) => sum + part, 0);
  let left = random.next() * whole;
  for (const [part, make] of table) {
    left -= part;
    if (left < 0) return make(random);
  }
  throw new Error('The parts do not make a whole.');
}

function drawChanges(random: Random): Changes {
  return {
    creates: random.chance(0.5) ? random.int(1, 2) : 0,
    updates: random.int(1, 9),
    deletes: random.chance(0.4) ? random.int(1, 2) : 0,
    returns: random.chance(0.3) ? 1 : 0,
    wordsInDynamics: random.int(0, 5),
    wordsInCampaign: random.int(0, 5),
    profilesDeleted: random.chance(0.15) ? 1 : 0,
    foreign: random.chance(0.2) ? 1 : 0,
  };
}

function drawExports(random: Random): ExportOrder[] {
  const manner = (): ExportOrder['manner'] =>
    random.pick([
      ...([{}, {}, {}, {}, { overlap: true }, { overlap: true }, { again: true }, { compress: true }] as const),
      ...([{ late: 1500 }, { late: 6000 }, { growing: 500 }, { torn: true }, { empty: 'no-bytes' }] as const),
      { wide: 2000 },
    ]);
  const shares = [
    ['opt-outs', 0.7],
    ['delivery-logs', 0.5],
    ['tracking-logs', 0.5],
  ] as const;
  return shares.flatMap(([kind, share]) => (random.chance(share) ? [{ kind, manner: manner() }] : []));
}
