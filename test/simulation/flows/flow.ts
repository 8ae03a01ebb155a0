import type { CampaignWrite } from '../systems';
import type { N8n, Workflow } from '../n8n';
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

/** What a flow works in. */
export interface FlowWorld {
  readonly scheduler: Scheduler;
  readonly systems: Systems;
  readonly sftp: SimulatedSftp;
  readonly n8n: N8n;
  readonly random: SeededRandom;
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
  make(world: FlowWorld): Flow;
  drawActions(random: SeededRandom, lengthMs: number): Action[];
}
