import { backoffMs } from '../core/backoff';
import { ConfigurationError, RetriableError, SyncError } from '../core/errors';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { planColumns } from '../sync/export/column-plan';
import {
  canRemember,
  finish,
  isFinished,
  isSame,
  remember,
  type CurrentFile,
  type ExportState,
} from '../sync/export/export-state';
import { matchesPattern } from '../sync/export/file-pattern';
import { fileMark, type FileFacts } from '../sync/export/finished-files';
import { FileStability, oldestFirst, signatureOf, type ListedFile } from '../sync/export/file-stability';
import { Disposal } from './disposal';
import { StateStore } from './state-store';
import { inspectFile, type Inspection } from './inspect-file';
import { readBatches } from './read-batches';
import { fileIn } from './remote-path';
import { RowItems } from './row-items';
import type { ExportServer } from './sftp-connection';
import { toSftpError } from './sftp-errors';
import { WatcherAlarms } from './watcher-alarms';
import type { WatcherDeps, WatcherSettings } from './watcher-settings';

const LONGEST_RETRY_MS = 300_000;

/**
 * Watches a folder and delivers the rows of each new file, batch after batch, each file to its end before the next.
 *
 * Only a batch whose run succeeded counts as done. A finished file is known by its name, time, size and content (isFinished), so it is not
 * read again where it lies, nor after Campaign compressed it; the same content in another file is. docs/sftp-exports.md has the whole argument.
 */
export class ExportWatcher {
  private readonly stability: FileStability;
  /** What was found in the files that lie in the folder, by signature, so that they are not read at each look. */
  private inspected = new Map<string, Inspection & ListedFile>();
  private readonly state: StateStore;
  private readonly alarms: WatcherAlarms;
  private readonly disposal: Disposal;
  private server: ExportServer | undefined;

  constructor(
    state: ExportState,
    private readonly settings: WatcherSettings,
    private readonly deps: WatcherDeps,
    private readonly signal: AbortSignal,
  ) {
    this.stability = new FileStability(settings.stableMs);
    this.state = new StateStore(state, (next) => deps.save(next));
    this.alarms = new WatcherAlarms(this.state, settings, deps);
    this.disposal = new Disposal(this.state, settings, deps);
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
          this.alarms.worked();
        } catch (error) {
          this.signal.throwIfAborted();
          pauseMs = await this.failed(error, ++failures);
        }
        if (pauseMs > 0) await this.deps.clock.sleep(pauseMs, this.signal);
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
    const stable = this.stability.observe(files, this.deps.clock.elapsed());
    const signatures = new Set(files.map(signatureOf));
    this.inspected = new Map([...this.inspected].filter(([signature]) => signatures.has(signature)));
    this.disposal.keep(signatures);
    await this.alarms.judge(server);
    await this.disposal.writeReports(server);
    const { current } = this.state.present;
    if (current) return await this.resume(server, current, files, stable);
    const names = new Set(files.map(({ name }) => name));
    let unreadable: ConfigurationError | undefined;
    let gone = stable.length === files.length;
    for (const file of stable) {
      if (!this.disposal.due(file)) continue;
      let inspection: Inspection | 'broken' | 'changing';
      try {
        inspection = await this.inspect(server, file);
      } catch (error) {
        // One file without the right to read it must not hold up the others.
        if (!(error instanceof ConfigurationError)) throw error;
        unreadable ??= error;
        continue;
      }
      if (inspection === 'changing') {
        gone = false;
        continue;
      }
      if (inspection === 'broken') return true;
      if (isFinished(this.state.present, factsOf(file, inspection), names)) {
        if (await this.known(server, file, inspection)) return true;
        continue;
      }
      if (!this.mayTakeAnother()) return false;
      await this.deliver(server, file, inspection, 0);
      return true;
    }
    if (unreadable) throw unreadable;
    // Every file is known by its mark now.
    if (gone && this.state.present.before) this.state.update({ before: null });
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
    let uploadedAgain = false;
    for (const file of [...maybe].sort(
      (a, b) => Number(b.name === current.name) - Number(a.name === current.name) || oldestFirst(a, b),
    )) {
      if (!this.disposal.due(file)) continue;
      if (!stable.includes(file)) return false;
      const inspection = await this.inspect(server, file);
      if (inspection === 'changing') return false;
      if (inspection === 'broken') return true;
      if (inspection.id !== current.id) continue;
      if (!isSame(current, factsOf(file, inspection))) {
        uploadedAgain ||= file.name === current.name;
        continue;
      }
      // With other settings, the rows of the same file may be others.
      await this.deliver(server, file, inspection, inspection.rows === current.rows ? current.done : 0);
      return true;
    }
    if (current.last && this.settings.afterwards.kind !== 'leave') {
      // Its last batch was under way when n8n stopped, and only a success of that batch lets this trigger put the file away.
      this.deps.log('info', 'The last file was put away before n8n stopped', { file: current.name });
      const { modifiedMs, gzip } = current;
      const mark = fileMark({ ...current, modifiedMs: modifiedMs ?? 0, gzip: gzip ?? false });
      this.state.update(finish(this.state.present, mark, this.presentMarks(), this.nowIso()));
      return true;
    }
    this.state.update({ current: null });
    if (uploadedAgain) {
      this.deps.log('info', 'A file was uploaded again while it was being processed; it is read from its beginning', {
        file: current.name,
      });
      return true;
    }
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
      this.inspected.set(signature, { ...inspection, ...file });
      // It may have been left where it is as broken, and no longer be so since the settings were changed.
      this.disposal.mended(file);
      return inspection;
    } catch (error) {
      this.signal.throwIfAborted();
      const fault = toSftpError(error, `read "${path}"`);
      if (fault.code === 'SFTP_NOT_FOUND') return 'changing';
      if (!(fault instanceof BrokenFileError)) throw fault;
      if (!(await this.unchanged(server, file))) return 'changing';
      await this.disposal.moveAside(server, file, fault);
      return 'broken';
    }
  }

  private async unchanged(server: ExportServer, file: ListedFile): Promise<boolean> {
    const now = await server.stat(fileIn(this.settings.folder, file.name));
    return now !== undefined && now.size === file.size && now.modifiedMs === file.modifiedMs;
  }

  /** A file that was processed before. Resolves with true when something had to be done about it. */
  private async known(server: ExportServer, file: ListedFile, inspection: Inspection): Promise<boolean> {
    const mark = fileMark(factsOf(file, inspection));
    if (!this.state.present.finished.includes(mark)) {
      this.state.update(remember(this.state.present, mark, this.presentMarks()));
    }
    if (this.settings.afterwards.kind === 'leave') return false;
    this.deps.log('info', 'This file was processed before; it is put away', { file: file.name });
    await this.disposal.putAway(server, file);
    return true;
  }

  private async deliver(server: ExportServer, file: ListedFile, inspection: Inspection, done: number): Promise<void> {
    const { folder, rows: settings, batchSize } = this.settings;
    const facts = { file: file.name, rows: inspection.rows, oddRows: inspection.oddRows };
    this.deps.log('info', done > 0 ? 'Going on with an export file' : 'Processing an export file', { ...facts, done });
    const items = new RowItems(file.name, inspection, settings, this.deps.clock.now());
    const { rows } = inspection;
    let current: CurrentFile = { ...factsOf(file, inspection), rows, done, last: false };
    const path = fileIn(folder, file.name);
    const save = (deliveryUntil: string | null, delivery: number) =>
      this.state.update({ current, delivery, deliveryUntil });
    const batches = readBatches((range) => server.read(path, range), inspection, settings.file, {
      done,
      batchSize,
      signal: this.signal,
    });
    try {
      for await (const batch of batches) {
        const upTo = batch[batch.length - 1]?.number ?? current.done;
        current = { ...current, last: upTo >= rows };
        const records = batch.map((row) => items.item(row));
        const delivery = this.state.present.delivery + 1;
        await this.deps.deliver({ number: delivery, records, onEmit: (untilIso) => save(untilIso, delivery) });
        current = { ...current, done: upTo };
        save(null, delivery);
      }
    } catch (error) {
      // Whatever it was, the file is looked at again before the next row.
      this.inspected.delete(signatureOf(file));
      throw error instanceof SyncError ? error : toSftpError(error, `read "${path}"`);
    }
    const mark = fileMark(factsOf(file, inspection));
    this.state.update(finish(this.state.present, mark, this.presentMarks(), this.nowIso()));
    this.deps.log('info', 'An export file is done', facts);
    if (items.inTheFuture.size > 0) {
      this.deps.log(
        'warn',
        'Times in an export file lie in the future; is the time zone of the node that of the export?',
        {
          file: file.name,
          columns: [...items.inTheFuture],
        },
      );
    }
    await this.disposal.putAway(server, file);
  }

  /** With as many finished files in the folder as can be remembered, one more would make an old one be read again. */
  private mayTakeAnother(): boolean {
    const room = canRemember(this.state.present, this.presentMarks());
    this.alarms.room(room);
    return room;
  }

  private presentMarks(): Set<string> {
    return new Set([...this.inspected.values()].map(fileMark));
  }

  private async failed(error: unknown, failures: number): Promise<number> {
    if (!this.server?.alive || !(error instanceof SyncError)) {
      await this.server?.close();
      this.server = undefined;
    }
    const cause =
      error instanceof SyncError
        ? error
        : new RetriableError('SFTP_FAILED', 'Reading the exports failed for an unexpected reason.', {
            hint: 'It is tried again by itself. If it lasts, report it with the log of n8n.',
            cause: error,
          });
    this.alarms.failed(cause, failures);
    const pauseMs = backoffMs(failures, { firstMs: 1000, longestMs: LONGEST_RETRY_MS });
    this.deps.log('warn', 'The exports could not be read; trying again', {
      code: cause.code,
      reason: cause.message,
      againInSeconds: pauseMs / 1000,
    });
    return pauseMs;
  }

  private nowIso(): string {
    return new Date(this.deps.clock.now()).toISOString();
  }
}

function factsOf({ name, size, modifiedMs }: ListedFile, { id, gzip }: Inspection): FileFacts {
  return { name, size, modifiedMs, id, gzip };
}
