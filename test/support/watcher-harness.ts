import { Readable } from 'node:stream';
import { ExportWatcher } from '../../lib/sftp/export-watcher';
import type { WatcherDeps, WatcherSettings } from '../../lib/sftp/watcher-settings';
import { lostConnection } from '../../lib/sftp/sftp-errors';
import type { ExportServer } from '../../lib/sftp/export-server';
import type { Clock } from '../../lib/core/clock';
import type { SyncError } from '../../lib/core/errors';
import { EXPORT_BOOLEANS } from '../../lib/core/boolean-words';
import { readState, type ExportState } from '../../lib/sync/export/export-state';
import type { ListedFile } from '../../lib/sync/export/file-stability';
import type { StorageRoom } from '../../lib/sync/export/incidents';
import type { RowItem } from '../../lib/sync/export/row-item';

/** A server in memory; `fail` makes operations fail. */
export class MemoryServer implements ExportServer {
  readonly files = new Map<string, { content: Buffer; modifiedMs: number }>();
  alive = true;
  room_: StorageRoom | undefined;
  /** Throws to fail an operation, by its name and path. */
  fail: (operation: string, path: string) => void = () => undefined;
  opened = 0;

  put(path: string, content: Buffer | string, modifiedMs = 1000): void {
    this.files.set(path, { content: Buffer.from(content), modifiedMs });
  }

  async list(folder: string): Promise<ListedFile[]> {
    this.fail('list', folder);
    return [...this.files]
      .filter(([path]) => path.slice(0, path.lastIndexOf('/')) === folder)
      .map(([path, file]) => this.listed(path, file));
  }

  async stat(path: string): Promise<ListedFile | undefined> {
    this.fail('stat', path);
    const file = this.files.get(path);
    return file && this.listed(path, file);
  }

  read(path: string, { end }: { readonly end?: number } = {}): Readable {
    this.fail('read', path);
    this.opened++;
    const content = this.files.get(path)?.content;
    if (!content) {
      const missing = Object.assign(new Error('No such file'), { code: 2 });
      return new Readable({ read: (): void => void 0 }).destroy(missing);
    }
    return Readable.from(pieces(end === undefined ? content : content.subarray(0, end + 1)), { objectMode: false });
  }

  async move(from: string, to: string): Promise<void> {
    this.fail('move', from);
    const file = this.files.get(from);
    if (!file || this.files.has(to)) throw new Error('Failure');
    this.files.set(to, file);
    this.files.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.fail('remove', path);
    this.files.delete(path);
  }

  async makeFolder(path: string): Promise<void> {
    this.fail('makeFolder', path);
  }

  async writeText(path: string, text: string): Promise<void> {
    this.fail('writeText', path);
    this.put(path, text);
  }

  async room(): Promise<StorageRoom | undefined> {
    return this.room_;
  }

  async close(): Promise<void> {
    this.alive = false;
  }

  /** The connection breaks: this and every later operation fails. */
  break(): never {
    this.alive = false;
    throw lostConnection();
  }

  private listed(path: string, file: { content: Buffer; modifiedMs: number }): ListedFile {
    return { name: path.slice(path.lastIndexOf('/') + 1), size: file.content.length, modifiedMs: file.modifiedMs };
  }
}

function* pieces(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 16) yield content.subarray(at, at + 16);
}

export const settings: WatcherSettings = {
  folder: 'in',
  pattern: '*.txt',
  rows: {
    file: { delimiter: 'auto', quotes: 'double', encoding: 'auto', openEndAllowed: false, emptyAllowed: false },
    cells: {
      timeZone: 'UTC',
      dateTimeFormat: 'auto',
      decimalSeparator: '.',
      ...EXPORT_BOOLEANS,
    },
    columns: [{ name: 'id', type: 'text', needed: true }],
    keepOthers: true,
    unreadable: 'keepText',
  },
  batchSize: 2,
  stableMs: 0,
  pollMs: 60_000,
  afterwards: { kind: 'move', folder: 'in/processed' },
  brokenFolder: 'in/broken',
  lateAfterHours: 0,
  storagePercent: 0,
};

/**
 * Runs watchers one after the other, as n8n does over restarts: what was given to `save` counts as stored only once something is
 * delivered after it (n8n saves static data at each emit).
 */
export class Host {
  nowMs = Date.parse('2026-11-21T12:00:00Z');
  /** By how much the machine's clock was set, forwards or back; no time passes with it. */
  clockSetMs = 0;
  /** What was emitted: one entry for each handing over. */
  readonly emitted: RowItem[][] = [];
  readonly reports: SyncError[] = [];
  readonly clear: string[] = [];
  readonly logs: string[] = [];
  state: ExportState | undefined;
  durable: unknown;
  connections = 0;
  /** The run of a batch: throws when n8n dies in the middle of it. */
  work: (rows: readonly RowItem[]) => Promise<void> | void = () => undefined;

  constructor(
    readonly connect: () => ExportServer | Promise<ExportServer>,
    readonly settings: WatcherSettings,
  ) {}

  /** A watcher as n8n starts it, from what is stored. */
  start(signal: AbortSignal = new AbortController().signal, sleep?: Clock['sleep']): ExportWatcher {
    this.state = readState(this.durable, new Date(this.nowMs).toISOString());
    // n8n saves static data at the end of activation.
    this.durable = JSON.parse(JSON.stringify(this.state));
    return new ExportWatcher(this.state, this.settings, this.deps(sleep), signal);
  }

  /** Looks until there is nothing to do; the clock moves on by `pollMs` with each look. */
  async untilIdle(watcher: ExportWatcher): Promise<void> {
    do this.nowMs += this.settings.pollMs;
    while (await watcher.look());
  }

  get rows(): string[] {
    return this.emitted.flat().map((row) => `${row.export.file}:${row.export.row}`);
  }

  private deps(sleep?: Clock['sleep']): WatcherDeps {
    return {
      connect: async () => {
        this.connections++;
        return await this.connect();
      },
      deliver: async ({ records, onEmit }) => {
        onEmit(new Date(this.nowMs + 3_600_000).toISOString());
        this.durable = JSON.parse(JSON.stringify(this.state));
        const rows = records as RowItem[];
        this.emitted.push([...rows]);
        await this.work(rows);
      },
      save: (state) => (this.state = state),
      report: (error) => this.reports.push(error as SyncError),
      allClear: (text) => this.clear.push(text),
      log: (_level, message) => this.logs.push(message),
      clock: {
        now: () => this.nowMs + this.clockSetMs,
        elapsed: () => this.nowMs,
        sleep: sleep ?? (async () => undefined),
      },
    };
  }
}
