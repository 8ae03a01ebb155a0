import type { CampaignWrite } from '../systems';
import type { N8n, Workflow } from '../n8n';
import type { SimulatedProcess } from '../process';
import type { SeededRandom } from '../random';
import type { Scheduler } from '../scheduler';
import type { SimulatedSftp } from '../sftp';
import type { Systems } from '../systems';

/** Something that happens in a history, besides what the product does. Plain data: a history can be shortened by leaving some out. */
export interface Action {
  readonly atMs: number;
  readonly kind: string;
  /** Which row, file or setting it is about. */
  readonly subject: number;
  /** Whatever else it needs. */
  readonly value: number;
}

/** Actions by which runs are stopped, held up or killed: they are faults as well. */
export const HARSH_ACTIONS: ReadonlySet<string> = new Set(['cancel', 'freeze', 'kill']);

/** What a flow works in. */
export interface FlowWorld {
  readonly scheduler: Scheduler;
  readonly systems: Systems;
  readonly sftp: SimulatedSftp;
  readonly n8n: N8n;
  readonly random: SeededRandom;
  /** No fault and no kill in this history, and one process. */
  readonly isQuiet: boolean;
  /** Lets something happen while the next change of Campaign is on its way, and that for long. */
  duringNextWrite(then: () => void): void;
  /** Lets something happen to the process that looks up a profile next, before it has the response. */
  duringNextLookUp(then: (process: SimulatedProcess, key: string) => void): void;
  /** Something has happened that never may. */
  violated(invariant: string, detail: string): void;
}

/** A flow under simulation: its workflows, what people do to both systems, and what must hold. */
export interface Flow {
  /** The workflows that are published at the start. */
  readonly workflows: readonly Workflow[];
  /** Before anything is published. */
  prepare(): void;
  act(action: Action): void;
  onCampaignWrite(write: CampaignWrite): void;
  onStored(workflow: string, text: string): void;
  /** What differs from what must be there once nothing is under way any more; undefined when all is as it must be. */
  difference(): string | undefined;
  /** What a run in a row of many must have found at its end, besides. */
  atRest(): void;
}

/** How a flow is made, and how histories of it are drawn. */
export interface FlowKind {
  /** It has an SFTP server with exports. */
  readonly readsExports: boolean;
  /** It has promises of its own about the incidents that its triggers tell. */
  readonly looksAtIncidents: boolean;
  /** Columns of a contact, besides those that each table has; with blanks between. */
  readonly contactColumns: string;
  make(world: FlowWorld): Flow;
  drawActions(random: SeededRandom, lengthMs: number): Action[];
}

/**
 * Draws actions that come in clusters: many of the faults that sync has show themselves only when several things happen to one record within
 * a second, or while its run is under way.
 *
 * @param kinds with their weights
 */
export function drawClustered(
  random: SeededRandom,
  {
    lengthMs,
    most,
    subjects,
    kinds,
  }: {
    readonly lengthMs: number;
    readonly most: number;
    readonly subjects: number;
    readonly kinds: readonly (readonly [kind: string, weight: number])[];
  },
): Action[] {
  const weights = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const drawKind = (): string => {
    let at = random.below(weights);
    return kinds.find(([, weight]) => (at -= weight) < 0)?.[0] ?? '';
  };
  const actions: Action[] = [];
  for (const count = random.between(2, most); actions.length < count;) {
    const focus = random.below(subjects);
    let atMs = random.below(lengthMs);
    for (let left = random.pick([1, 1, 2, 3, 4]); left > 0; left--) {
      const subject = random.chance(0.7) ? focus : random.below(subjects);
      actions.push({ atMs, kind: drawKind(), subject, value: random.below(1_000_000) });
      atMs += random.pick([0, 20, 200, 600, 1_500, 6_000]);
    }
  }
  return actions;
}

/** Draws one of several rows of actions that chance seldom gives in this order: they happen to one subject, step by step. */
export function drawStory(
  random: SeededRandom,
  {
    lengthMs,
    subjects,
    stories,
  }: { readonly lengthMs: number; readonly subjects: number; readonly stories: readonly (readonly string[])[] },
): Action[] {
  const subject = random.below(subjects);
  let atMs = random.below(lengthMs / 3);
  // Close behind each other, or with time for everything in between.
  const longest = random.chance(0.5) ? 3_000 : lengthMs / 4;
  return random.pick(stories).map((kind): Action => {
    atMs += random.below(longest);
    return { atMs, kind, subject, value: random.below(1_000_000) };
  });
}
