import type { OptOutLine } from '../../../../lib/sync/opt-out/compile-lines';
import type { Decision, Person } from '../../../../lib/sync/opt-out/decide';
import { decide } from '../../../../lib/sync/opt-out/decide';
import type { Direction, Side } from '../../../../lib/sync/opt-out/rules';

/** A small generator (mulberry32) so that a failing history can be played again by its seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const LINES: readonly OptOutLine[] = [
  { line: 1, column: 'donotemail', field: 'blackListEmail', inverted: false, timeField: 'blackListEmailLastModified' },
  { line: 2, column: 'new_mayphone', field: 'blackListPhone', inverted: true, timeField: 'blackListPhoneLastModified' },
  { line: 3, column: 'new_nopush', field: 'blackListPushnotification', inverted: false, timeField: null },
];

/** Campaign's opt-out from everything, for a person who sets it there. */
export const GLOBAL = { field: 'blackList', timeField: 'blackListLastModified' } as const;

/** Two columns for one field, and no line for `blackList`. */
export const SHARED_LINES: readonly OptOutLine[] = [
  ...LINES,
  {
    line: 4,
    column: 'donotbulkemail',
    field: 'blackListEmail',
    inverted: false,
    timeField: 'blackListEmailLastModified',
  },
];

/** The same, and `blackList` has a column of its own. */
export const GLOBAL_LINES: readonly OptOutLine[] = [
  ...SHARED_LINES,
  { line: 5, column: 'new_nocontact', field: 'blackList', inverted: false, timeField: 'blackListLastModified' },
];

/** The two systems, each with its own habits, and what is under way between them. One person: persons do not touch. */
export class ModelSystems {
  now = Date.parse('2026-11-01T00:00:00.000Z');
  readonly contact = {
    values: {} as Record<string, boolean>,
    modifiedMs: this.now,
    version: 1,
  };
  readonly profile = { flags: {} as Record<string, boolean>, timesMs: {} as Record<string, number>, changed: false };
  readonly createdMs = this.now - 86_400_000;
  /** Wake-ups that wait for the resolver. They carry nothing: the resolver reads the present state. */
  readonly waiting: Side[] = [];
  /** Decided and not yet written. */
  readonly underWay: { decision: Decision; version: number; from: Side; read: Reading }[] = [];
  /** Every value that the resolver changed, with what it had read. */
  readonly written: { side: Side; line: OptOutLine; optedOut: boolean; read: Reading; atMs: number }[] = [];

  constructor(
    private readonly direction: Direction,
    private readonly lines: readonly OptOutLine[] = LINES,
  ) {
    for (const line of this.lines) {
      this.contact.values[line.column] = line.inverted;
      this.profile.flags[line.field] = false;
    }
  }

  /** By any column of the line's field, or of no contact at all. */
  optedOutInDynamics(line: OptOutLine): boolean {
    return this.lines
      .filter(({ field }) => field === line.field || field === 'blackList')
      .some(({ column, inverted }) => this.contact.values[column] !== inverted);
  }

  optedOutInCampaign(line: OptOutLine): boolean {
    return this.profile.flags[line.field] === true || this.profile.flags['blackList'] === true;
  }

  /** A person (or another program) changes the contact; `line` null: another column. */
  changeContact(line: OptOutLine | null, optedOut = false): void {
    if (line) this.contact.values[line.column] = line.inverted ? !optedOut : optedOut;
    this.contact.modifiedMs = this.now;
    this.contact.version += 1;
    this.waiting.push('dynamics');
  }

  changeProfile(line: Pick<OptOutLine, 'field' | 'timeField'>, optedOut: boolean): void {
    this.profile.flags[line.field] = optedOut;
    if (line.timeField) this.profile.timesMs[line.field] = this.now;
    this.profile.changed = true;
  }

  /** Campaign's export: a row for the profile if it changed since the last one. */
  runExport(fate: 'arrives' | 'twice' | 'lost'): void {
    if (!this.profile.changed) return;
    this.profile.changed = false;
    if (fate !== 'lost') this.waiting.push('campaign');
    if (fate === 'twice') this.waiting.push('campaign');
  }

  /** The resolver takes a wake-up, reads both sides and decides; the writes come later. */
  decideNext(index: number): void {
    const [from] = this.waiting.splice(index, 1);
    if (from) this.decideFor(from);
  }

  decideFor(from: Side): void {
    const read = this.read();
    const person: Person = {
      contactId: 'c1',
      from,
      contact: { values: { ...this.contact.values }, modifiedOn: `${iso(this.contact.modifiedMs).slice(0, 19)}Z` },
      profile: { values: { ...this.profile.flags, ...this.timeTexts(), created: iso(this.createdMs) } },
    };
    const decision = decide(person, this.lines, {
      direction: this.direction,
      nowMs: this.now,
      futureToleranceMs: 300_000,
    });
    const writes = Object.keys(decision.toCampaign).length + Object.keys(decision.toDynamics).length;
    if (writes > 0) this.underWay.push({ decision, version: this.contact.version, from, read });
  }

  /** The writes of one decision; both sides as of the items that come out, Dynamics 365 with If-Match. */
  writeNext(index: number): void {
    const [job] = this.underWay.splice(index, 1);
    if (!job) return;
    const unmapped = Object.keys(job.decision.toCampaign).filter(
      (name) => !this.lines.some(({ field }) => field === name),
    );
    if (unmapped.length > 0) throw new Error(`A field was written that no line maps: ${unmapped.join(', ')}`);
    for (const line of this.lines) {
      const flag = job.decision.toCampaign[line.field];
      if (flag === undefined) continue;
      if (this.profile.flags[line.field] === flag) continue;
      this.changeProfile(line, flag);
      this.written.push({ side: 'campaign', line, optedOut: flag, read: job.read, atMs: this.now });
    }
    const columns = Object.entries(job.decision.toDynamics);
    if (columns.length === 0) return;
    if (job.version !== this.contact.version) return this.decideFor(job.from);
    Object.assign(this.contact.values, job.decision.toDynamics);
    this.contact.modifiedMs = this.now;
    this.contact.version += 1;
    this.waiting.push('dynamics');
    for (const line of this.lines) {
      const value = job.decision.toDynamics[line.column];
      if (value === undefined) continue;
      this.written.push({ side: 'dynamics', line, optedOut: value !== line.inverted, read: job.read, atMs: this.now });
    }
  }

  private read(): Reading {
    return {
      dynamics: Object.fromEntries(this.lines.map((line) => [line.line, this.optedOutInDynamics(line)])),
      campaign: Object.fromEntries(this.lines.map((line) => [line.line, this.optedOutInCampaign(line)])),
      dynamicsMs: this.contact.modifiedMs,
      campaignMs: Object.fromEntries(this.lines.map((line) => [line.line, this.campaignMs(line)])),
    };
  }

  /** Of the opt-out from everything where that alone says so. */
  private campaignMs({ field }: OptOutLine): number | undefined {
    const { flags, timesMs } = this.profile;
    return flags[field] !== true && flags['blackList'] === true ? timesMs['blackList'] : timesMs[field];
  }

  private timeTexts(): Record<string, string> {
    return Object.fromEntries(
      [...this.lines, GLOBAL].flatMap(({ field, timeField }) => {
        if (!timeField) return [];
        const ms = this.profile.timesMs[field];
        return [[timeField, ms === undefined ? '' : iso(ms).replace('T', ' ')]];
      }),
    );
  }
}

/** What both sides really held when a decision was made, with the true milliseconds. */
export interface Reading {
  readonly dynamics: Readonly<Record<number, boolean>>;
  readonly campaign: Readonly<Record<number, boolean>>;
  readonly dynamicsMs: number;
  readonly campaignMs: Readonly<Record<number, number | undefined>>;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
