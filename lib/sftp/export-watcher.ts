import { ConfigurationError, RetriableError, SyncError } from '../sync/errors';
import { BrokenFileError } from '../sync/export/broken-file-error';
import type { CellFormat } from '../sync/export/column-types';
import { planColumns, type ColumnSetting } from '../sync/export/column-plan';
import {
  canRemember,
  finish,
  forgetBroken,
  leaveBroken,
  type CurrentFile,
  type ExportState,
} from '../sync/export/export-state';
import { matchesPattern } from '../sync/export/file-pattern';
import { FileStability, oldestFirst, type ListedFile } from '../sync/export/file-stability';
import { compareIncidents, isLate, percentUsed, type Incident } from '../sync/export/incidents';
import { rowItem, type RowItem, type UnreadablePolicy } from '../sync/export/row-item';
import { inspectFile, readBatches, type FileFormat, type Inspection } from './export-file';
import { incidentError, allClearText } from './incident-texts';
import { Leftovers } from './leftovers';
import { moveAside, putAway, writeReport, type Afterwards, type Report } from './put-away';
import { fileIn } from './remote-path';
import { toSftpError } from './sftp-errors';
import type { ExportServer } from './sftp-connection';

/** How the rows of a file become items. */
export interface RowSettings {
  readonly file: FileFormat;
  readonly cells: CellFormat;
  readonly columns: readonly ColumnSetting[];
  readonly keepOthers: boolean;
  readonly unreadable: UnreadablePolicy;
}

export interface WatcherSettings {
  readonly folder: string;
  readonly pattern: string;
  readonly rows: RowSettings;
  readonly batchSize: number;
  /** A file is taken once it has been the same for so long, in milliseconds. */
  readonly stableMs: number;
  /** Pause between two looks into the folder, in milliseconds. */
  readonly pollMs: number;
  readonly afterwards: Afterwards;
  readonly brokenFolder: string;
  /** 0: no alarm. */
  readonly lateAfterHours: number;
  /** 0: no alarm. */
  readonly storagePercent: number;
}

export interface WatcherDeps {
  connect(): Promise<ExportServer>;
  /** Resolves once the run of the batch ended with success; rejects when aborted. `onEmit` comes directly before each handing over. */
  deliver(rows: readonly RowItem[], number: number, onEmit: (untilIso: string) => void): Promise<void>;
  /** Keeps the state; n8n saves it with the next emit. */
  save(state: ExportState): void;
  /** Tells the people in charge: a failed execution, which starts n8n's error workflow. */
  report(error: SyncError): void;
  /** Tells them that an incident is over. */
  allClear(text: string): void;
  log(level: 'info' | 'warn', message: string, facts: Readonly<Record<string, unknown>>): void;
  now(): number;
  /** Rejects when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Failures in a row after which an unreachable server is reported. */
const TRIES_BEFORE_REPORT = 3;
const LONGEST_RETRY_MS = 300_000;
/** So many reports wait for room on the disk at most. */
const UNWRITTEN_LIMIT = 100;

/**
 * Watches a folder and delivers the rows of each new file, batch after batch, each file to its end before the next.
 *
 * Only a batch whose run succeeded counts as done. A finished file is known by its content (contentId), so it is not read again under
 * another name, after an upload of the same content, or after Campaign compressed it. docs/sftp-exports.md has the whole argument.
 */
export class ExportWatcher {
  private readonly stability: FileStability;
  /** What was found in the files that lie in the folder, by signature, so that they are not read at each look. */
  private inspected = new Map<string, Inspection>();
  /** Files that could not be put away or moved aside, by signature, and reports that could not be written, by their file's path. */
  private readonly leftovers: Leftovers;
  private unwritten: Report[] = [];
  private server: ExportServer | undefined;

  constructor(
    private state: ExportState,
    private readonly settings: WatcherSettings,
    private readonly deps: WatcherDeps,
    private readonly signal: AbortSignal,
  ) {
    this.stability = new FileStability(settings.stableMs);
    this.leftovers = new Leftovers(settings.pollMs);
  }

  /** Works until the signal aborts; resolves then. Faults of the server are waited out. */
  async run(): Promise<void> {
    let failures = 0;
    try {
      for (;;) {
        this.signal.throwIfAborted();
        let pauseMs = this.settings.pollMs;
        try {
          if (await this.look()) pauseMs = 0;
          failures = 0;
          this.tell(
            new Map([
              ['unreachable', false],
              ['refused', false],
            ]),
          );
        } catch (error) {
          this.signal.throwIfAborted();
          pauseMs = await this.failed(error, ++failures);
        }
        if (pauseMs > 0) await this.deps.sleep(pauseMs, this.signal);
      }
    } catch (error) {
      if (!this.signal.aborted) throw error;
    } finally {
      await this.server?.close();
    }
  }

  /** One look into the folder; processes one file at most. Resolves with true when there was something to do. */
  async look(): Promise<boolean> {
    const server = await this.connected();
    const files = (await server.list(this.settings.folder)).filter(({ name }) =>
      matchesPattern(name, this.settings.pattern),
    );
    const stable = this.stability.observe(files, this.deps.now());
    const signatures = new Set(files.map(signatureOf));
    this.inspected = new Map([...this.inspected].filter(([signature]) => signatures.has(signature)));
    this.leftovers.keep((key) => signatures.has(key) || this.unwritten.some(({ about }) => about === key));
    await this.judge(server);
    await this.writeReports(server);
    if (this.state.current) return await this.resume(server, this.state.current, files, stable);
    let unreadable: ConfigurationError | undefined;
    for (const file of stable) {
      if (!this.leftovers.due(signatureOf(file), this.deps.now())) continue;
      let inspection: Inspection | 'broken' | 'changing';
      try {
        inspection = await this.inspect(server, file);
      } catch (error) {
        // One file without the right to read it must not hold up the others.
        if (!(error instanceof ConfigurationError)) throw error;
        unreadable ??= error;
        continue;
      }
      if (inspection === 'changing') continue;
      if (inspection === 'broken') return true;
      if (this.state.finished.includes(inspection.id)) {
        if (await this.known(server, file)) return true;
        continue;
      }
      if (!this.mayTakeAnother()) return false;
      await this.deliver(server, file, inspection, 0);
      return true;
    }
    if (unreadable) throw unreadable;
    return false;
  }

  private async connected(): Promise<ExportServer> {
    if (this.server?.alive) return this.server;
    await this.server?.close();
    this.server = await this.deps.connect();
    return this.server;
  }

  /** Goes on with the file that was begun, wherever it lies now. */
  private async resume(
    server: ExportServer,
    current: CurrentFile,
    files: readonly ListedFile[],
    stable: readonly ListedFile[],
  ): Promise<boolean> {
    const maybe = files.filter(({ name, size }) => {
      return name === current.name || name === `${current.name}.gz` || size === current.size;
    });
    for (const file of [...maybe].sort(
      (a, b) => Number(b.name === current.name) - Number(a.name === current.name) || oldestFirst(a, b),
    )) {
      if (!this.leftovers.due(signatureOf(file), this.deps.now())) continue;
      if (!stable.includes(file)) return false;
      const inspection = await this.inspect(server, file);
      if (inspection === 'changing') return false;
      if (inspection === 'broken') return true;
      if (inspection.id !== current.id) continue;
      await this.deliver(server, file, inspection, current.done);
      return true;
    }
    if (current.last && this.settings.afterwards.kind !== 'leave') {
      // Its last batch was under way when n8n stopped, and only a success of that batch lets this trigger put the file away.
      this.deps.log('info', 'The last file was put away before n8n stopped', { file: current.name });
      this.update(finish(this.state, current.id, this.presentIds(), this.nowIso()));
      return true;
    }
    this.update({ ...this.state, current: null });
    this.deps.report(
      new ConfigurationError(
        'FILE_VANISHED',
        `The file "${current.name}" was removed or replaced while it was being processed: ${current.done} of its ${current.rows} rows were accepted.`,
        { hint: 'Upload the file again: it is then processed from its beginning.' },
      ),
    );
    return true;
  }

  /**
   * What is in a stable file: read through once, unless it is known. A broken one is moved aside here.
   * `changing`: it is still being written, or was replaced meanwhile.
   */
  private async inspect(server: ExportServer, file: ListedFile): Promise<Inspection | 'broken' | 'changing'> {
    const signature = signatureOf(file);
    const known = this.inspected.get(signature);
    if (known) return known;
    const path = fileIn(this.settings.folder, file.name);
    try {
      const inspection = await inspectFile((range) => server.read(path, range), this.settings.rows.file, this.signal);
      if (inspection.rawBytes !== file.size || !(await this.unchanged(server, file))) return 'changing';
      if (inspection.header.length > 0)
        planColumns(inspection.header, this.settings.rows.columns, this.settings.rows.keepOthers);
      this.inspected.set(signature, inspection);
      // Left where it is as broken, and no longer so since the settings were changed.
      if (this.state.leftBroken.includes(signature)) this.mended(signature);
      return inspection;
    } catch (error) {
      this.signal.throwIfAborted();
      const fault = toSftpError(error, `read "${path}"`);
      if (fault.code === 'SFTP_NOT_FOUND') return 'changing';
      if (!(fault instanceof BrokenFileError)) throw fault;
      if (!(await this.unchanged(server, file))) return 'changing';
      await this.moveAside(server, file, fault);
      return 'broken';
    }
  }

  private async unchanged(server: ExportServer, file: ListedFile): Promise<boolean> {
    const now = await server.stat(fileIn(this.settings.folder, file.name));
    return now !== undefined && now.size === file.size && now.modifiedMs === file.modifiedMs;
  }

  private async moveAside(server: ExportServer, file: ListedFile, fault: BrokenFileError): Promise<void> {
    const { folder, brokenFolder } = this.settings;
    const signature = signatureOf(file);
    const told = this.state.leftBroken.includes(signature);
    let where = '';
    try {
      const moved = await moveAside(server, folder, file.name, brokenFolder, fault, this.deps.now());
      where = `It was moved to "${moved.path}".`;
      if ('noReport' in moved) where += this.keepReport(moved.report, file.name);
    } catch (error) {
      // With the connection lost it is done again; otherwise the file stays, is tried again later, and does not hold up the others.
      if (!server.alive) throw error;
      if (!this.leftovers.failed(signature, this.deps.now()) || told) return;
      this.update(leaveBroken(this.state, signature));
      where = 'It could not be moved aside and stays in the folder; that is tried again by itself.';
    }
    if (told) {
      this.mended(signature);
      return this.deps.allClear(`All clear: the broken export file "${file.name}" is out of the way. ${where}`);
    }
    this.deps.report(
      new BrokenFileError(fault.code, `The export file "${file.name}" was not processed. ${fault.message} ${where}`, {
        hint: fault.hint,
      }),
    );
  }

  /** A file that was left where it is as broken is so no more. */
  private mended(signature: string): void {
    this.leftovers.done(signature);
    this.update(forgetBroken(this.state, signature));
  }

  /** Resolves with what people are told about a report that has to wait. */
  private keepReport(report: Report, file: string): string {
    this.deps.log('warn', 'The report on a broken file could not be written; trying again', { file });
    this.unwritten = [...this.unwritten, report].slice(-UNWRITTEN_LIMIT);
    this.leftovers.failed(report.about, this.deps.now());
    return ' The report beside it could not be written yet.';
  }

  private async writeReports(server: ExportServer): Promise<void> {
    for (const report of this.unwritten) {
      if (!this.leftovers.due(report.about, this.deps.now())) continue;
      try {
        await writeReport(server, report);
        this.leftovers.done(report.about);
        this.unwritten = this.unwritten.filter((other) => other !== report);
      } catch (error) {
        if (!server.alive) throw error;
        this.leftovers.failed(report.about, this.deps.now());
      }
    }
  }

  /** A file whose content was processed before. Resolves with true when something had to be done about it. */
  private async known(server: ExportServer, file: ListedFile): Promise<boolean> {
    // An export of nothing new has the content of the one before, and is an export all the same.
    const cameMs = Math.min(this.deps.now(), file.modifiedMs);
    if (cameMs > Date.parse(this.state.lastExportAt)) {
      this.update({ ...this.state, lastExportAt: new Date(cameMs).toISOString() });
    }
    if (this.settings.afterwards.kind === 'leave') return false;
    this.deps.log('info', 'A file with this content was processed before; it is put away', { file: file.name });
    await this.putAway(server, file);
    return true;
  }

  /** A finished file that can't be put away stays for now: it is known by its content and does not hold up the others. */
  private async putAway(server: ExportServer, file: ListedFile): Promise<void> {
    try {
      await putAway(server, this.settings.folder, file.name, this.settings.afterwards, this.deps.now());
      if (this.leftovers.done(signatureOf(file))) {
        this.deps.allClear(`All clear: the export file "${file.name}" was put away.`);
      }
    } catch (error) {
      if (!server.alive) throw error;
      if (!this.leftovers.failed(signatureOf(file), this.deps.now())) return;
      const reason = error instanceof Error ? error.message : 'unknown reason';
      this.deps.report(
        new ConfigurationError(
          'NOT_PUT_AWAY',
          `The export file "${file.name}" was processed but stays where it is. ${reason}`,
          {
            hint: 'It is tried again by itself. Give the user the right to move files, make room on the storage, or put the file away by hand. It is not read again as long as this workflow remembers it.',
          },
        ),
      );
    }
  }

  private async deliver(server: ExportServer, file: ListedFile, inspection: Inspection, done: number): Promise<void> {
    const { folder, rows: settings, batchSize } = this.settings;
    const facts = { file: file.name, rows: inspection.rows, oddRows: inspection.oddRows };
    this.deps.log('info', done > 0 ? 'Going on with an export file' : 'Processing an export file', { ...facts, done });
    const columns =
      inspection.header.length > 0 ? planColumns(inspection.header, settings.columns, settings.keepOthers) : [];
    const { id, rows } = inspection;
    let current: CurrentFile = { name: file.name, id, size: file.size, rows, done, last: false };
    const path = fileIn(folder, file.name);
    const save = (deliveryUntil: string | null, delivery: number) =>
      this.update({ ...this.state, current, delivery, deliveryUntil });
    const batches = readBatches((range) => server.read(path, range), inspection, settings.file, {
      done,
      batchSize,
      signal: this.signal,
    });
    try {
      for await (const batch of batches) {
        const upTo = batch[batch.length - 1]?.number ?? current.done;
        current = { ...current, last: upTo >= rows };
        const items = batch.map(({ number, cells }) => {
          const where = { file: file.name, row: number, width: inspection.header.length };
          return rowItem(cells, where, columns, settings.cells, settings.unreadable);
        });
        const delivery = this.state.delivery + 1;
        await this.deps.deliver(items, delivery, (untilIso) => save(untilIso, delivery));
        current = { ...current, done: upTo };
        save(null, delivery);
      }
    } catch (error) {
      // Whatever it was, the file is looked at again before the next row.
      this.inspected.delete(signatureOf(file));
      throw error instanceof SyncError ? error : toSftpError(error, `read "${path}"`);
    }
    this.update(finish(this.state, id, this.presentIds(), this.nowIso()));
    this.deps.log('info', 'An export file is done', facts);
    await this.putAway(server, file);
  }

  /** With as many finished files in the folder as can be remembered, one more would make an old one be read again. */
  private mayTakeAnother(): boolean {
    const room = canRemember(this.state, this.presentIds());
    this.tell(new Map([['too-many-files', !room]]));
    return room;
  }

  private presentIds(): Set<string> {
    return new Set([...this.inspected.values()].map(({ id }) => id));
  }

  private async judge(server: ExportServer): Promise<void> {
    const judged = new Map<Incident, boolean>([
      ['late', isLate(this.state.lastExportAt, this.deps.now(), this.settings.lateAfterHours)],
    ]);
    let used: number | undefined;
    if (this.settings.storagePercent > 0) {
      const room = await server.room(this.settings.folder === '' ? '.' : this.settings.folder).catch(() => undefined);
      if (room) {
        used = percentUsed(room);
        judged.set('storage', used >= this.settings.storagePercent);
      }
    }
    this.tell(judged, { used });
  }

  private tell(
    judged: ReadonlyMap<Incident, boolean>,
    facts: { used?: number | undefined; cause?: SyncError } = {},
  ): void {
    const { open, changes } = compareIncidents(this.state.incidents, judged);
    if (changes.length === 0) return;
    this.update({ ...this.state, incidents: open });
    for (const { incident, begins } of changes) {
      const about = { ...facts, settings: this.settings, lastExportAt: this.state.lastExportAt };
      if (begins) this.deps.report(incidentError(incident, about));
      else this.deps.allClear(allClearText(incident, about));
    }
  }

  private async failed(error: unknown, failures: number): Promise<number> {
    if (!this.server?.alive || !(error instanceof SyncError)) {
      await this.server?.close();
      this.server = undefined;
    }
    const cause =
      error instanceof SyncError
        ? error
        : new RetriableError('SFTP_FAILED', 'Reading the exports failed for an unexpected reason.', { cause: error });
    const late = isLate(this.state.lastExportAt, this.deps.now(), this.settings.lateAfterHours);
    const judged = new Map<Incident, boolean>([['late', late]]);
    if (cause instanceof RetriableError) {
      if (failures >= TRIES_BEFORE_REPORT) judged.set('unreachable', true);
    } else {
      judged.set('refused', true);
    }
    this.tell(judged, { cause });
    const pauseMs = Math.min(LONGEST_RETRY_MS, 1000 * 2 ** Math.min(failures - 1, 10));
    this.deps.log('warn', 'The exports could not be read; trying again', {
      code: cause.code,
      reason: cause.message,
      againInSeconds: pauseMs / 1000,
    });
    return pauseMs;
  }

  private update(state: ExportState): void {
    this.state = state;
    this.deps.save(state);
  }

  private nowIso(): string {
    return new Date(this.deps.now()).toISOString();
  }
}

function signatureOf({ name, size, modifiedMs }: ListedFile): string {
  return `${name}/${size}/${modifiedMs}`;
}
