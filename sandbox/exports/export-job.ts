import { existsSync, mkdirSync, renameSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Instance } from '../campaign/store';
import type { CampaignLogs } from './campaign-logs';
import { compressed, compressShape, encodeRows, habitsShape } from './file-habits';

export const EXPORT_KINDS = ['opt-outs', 'delivery-logs', 'tracking-logs'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export const exportSchema = z
  .object({
    kind: z.enum(EXPORT_KINDS),
    compress: compressShape,
    /** The name of the file, each time the same one. */
    name: z
      .string()
      .regex(/^\w[\w.-]*$/)
      .optional(),
    /** The file ends in the middle of a line, for good. */
    torn: z.boolean().default(false),
    /** The second half of the file is written so many milliseconds after the first. */
    growing: z.number().int().min(1).optional(),
    /** The file appears so many milliseconds later; what is in it is decided now. */
    late: z.number().int().min(1).optional(),
    /** Nothing changed: the header alone (true), or not one byte. */
    empty: z.union([z.boolean(), z.literal('no-bytes')]).default(false),
    /** The last file once more, under another name. */
    again: z.boolean().default(false),
    /** Also what the last run took already: an incremental query takes what is at or after a time that is not quite the last run's. */
    overlap: z.boolean().default(false),
    /** Columns to leave out. */
    without: z.array(z.string()).default([]),
    /** A column more, which nobody asked for, with so many characters in each row: few rows make a large file. */
    wide: z.number().int().min(0).default(0),
    ...habitsShape,
  })
  .strict();
export type ExportOrder = z.output<typeof exportSchema>;

export interface Exported {
  readonly file: string;
  readonly rows: number;
}

type Cells = Readonly<Record<string, string | number | boolean>>;

const OPT_OUT_COLUMNS = [
  'externalId',
  'blackList',
  'blackListLastModified',
  'blackListEmail',
  'blackListEmailLastModified',
  'blackListFax',
  'blackListFaxLastModified',
  'blackListMobile',
  'blackListMobileLastModified',
  'blackListPhone',
  'blackListPhoneLastModified',
  'blackListPostalMail',
  'blackListPostalMailLastModified',
  'blackListPushnotification',
  'ccpaOptOut',
  'ccpaOptOutLastModified',
  'lastModified',
];
const SHARED = ['id', 'externalId', 'campaignLabel', 'deliveryLabel', 'deliveryType'];
const KINDS: Readonly<Record<ExportKind, { readonly name: string; readonly columns: readonly string[] }>> = {
  'opt-outs': { name: 'optouts', columns: OPT_OUT_COLUMNS },
  'delivery-logs': {
    name: 'deliverylog',
    columns: [
      ...SHARED,
      ...'status failureType failureReason contactDate eventDate address testAddress mirrorPageUrl'.split(' '),
    ],
  },
  'tracking-logs': {
    name: 'trackinglog',
    columns: [...SHARED, ...'urlType urlSource urlLabel contactDate logDate testAddress mirrorPageUrl'.split(' ')],
  },
};

interface LastRun {
  /** Campaign's time at which the run began. */
  readonly at: string;
  /** Rows that it took. They are never changed, only replaced. */
  readonly rows: ReadonlySet<object>;
  readonly content: Buffer;
  readonly file: string;
}

/**
 * Campaign's workflow that writes what changed since its last run into the SFTP storage: tab-separated UTF-8 with a header and LF, without
 * quotes around cells, unless other habits are asked for.
 */
export class ExportJob {
  private readonly lastRuns = new Map<ExportKind, LastRun>();
  private readonly names = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();

  /** @param folder on this machine; made if missing */
  constructor(
    private readonly instance: Instance,
    private readonly logs: CampaignLogs,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** @throws Error when `again` is asked for and there was no export of the kind */
  run(order: ExportOrder): Exported {
    const { name, columns } = KINDS[order.kind];
    const at = this.instance.timestamp();
    const last = this.lastRuns.get(order.kind);
    const file = order.name ?? this.freeName(name);
    if (order.again) {
      if (!last) throw new Error(`There was no export of ${order.kind} yet.`);
      const full = `${file}${last.file.endsWith('.gz') ? '.gz' : ''}`;
      this.write(full, last.content, order);
      return { file: full, rows: last.rows.size };
    }
    const rows = order.empty ? [] : this.changedSince(order.kind, last, order.overlap);
    const kept = columns.filter((column) => !order.without.includes(column));
    const wide = order.wide === 0 ? [] : ['remarks'];
    const remarks = wide.map(() => 'x'.repeat(order.wide));
    const cells = rows.map((row) => [...kept.map((column) => row[column]), ...remarks]);
    const whole = encodeRows([...kept, ...wide], cells, order);
    let content = order.empty === 'no-bytes' ? Buffer.alloc(0) : whole.content;
    // In the middle of the last line, or of the header where there is no other.
    if (order.torn) content = content.subarray(0, content.length - Math.ceil(whole.lastLine / 2) - 1);
    content = compressed(content, order.compress);
    const full = order.compress === true ? `${file}.gz` : file;
    // What a torn or empty file did not bring comes with the next one.
    if (!order.torn && !order.empty) this.lastRuns.set(order.kind, { at, rows: new Set(rows), content, file: full });
    this.write(full, content, order);
    return { file: full, rows: rows.length };
  }

  /** Forgets all runs, and what is still to be written. */
  reset(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.lastRuns.clear();
    mkdirSync(this.folder, { recursive: true });
  }

  private changedSince(kind: ExportKind, last: LastRun | undefined, overlap: boolean): Cells[] {
    const all: readonly (Cells | undefined)[] =
      kind === 'delivery-logs'
        ? (this.logs.delivery as readonly object[] as readonly Cells[])
        : kind === 'tracking-logs'
          ? (this.logs.tracking as readonly object[] as readonly Cells[])
          : (this.instance.resource('profile')?.rows ?? []);
    const changed = (row: Cells) => {
      if (!last) return true;
      if (last.rows.has(row)) return overlap;
      return String(row['lastModified']) >= last.at;
    };
    return all.filter((row): row is Cells => row !== undefined && changed(row));
  }

  private freeName(kind: string): string {
    for (let second = 0; ; second++) {
      const moment = new Date(this.instance.now() + second * 1000).toISOString();
      const name = `${kind}_${moment.slice(0, 10).replaceAll('-', '')}_${moment.slice(11, 19).replaceAll(':', '')}.txt`;
      if (this.names.has(name) || existsSync(join(this.folder, name))) continue;
      this.names.add(name);
      return name;
    }
  }

  private write(file: string, content: Buffer, { torn, growing, late }: ExportOrder): void {
    const path = join(this.folder, file);
    const half = Math.floor(content.length / 2);
    const put = (): void => {
      if (growing !== undefined) {
        writeFileSync(path, content.subarray(0, half));
        this.after(growing, () => appendFileSync(path, content.subarray(half)));
      } else if (torn) writeFileSync(path, content);
      else {
        writeFileSync(`${path}.tmp`, content);
        renameSync(`${path}.tmp`, path);
      }
    };
    if (late === undefined) put();
    else this.after(late, put);
  }

  private after(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      task();
    }, ms).unref();
    this.timers.add(timer);
  }
}
