import { ConfigurationError, sentence } from '../core/errors';
import { tellable } from '../core/redact';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { forgetBroken, leaveBroken } from '../sync/export/export-state';
import { signatureOf, type ListedFile } from '../sync/export/file-stability';
import type { StateStore } from './state-store';
import { DisposalRetries } from './disposal-retries';
import { moveAside, putAway, writeReport, type Report } from './file-moves';
import type { ExportServer } from './export-server';
import type { WatcherDeps, WatcherSettings } from './watcher-settings';

/** So many reports wait for room on the disk at most. */
const UNWRITTEN_LIMIT = 100;

/**
 * Gets finished and broken files out of the way. What a full disk or a missing right hinders is tried again by itself, with growing
 * pauses, and holds up no other file; with the connection lost the error goes on to the caller.
 */
export class Disposal {
  /** Files that could not be put away or moved aside, by signature, and reports that could not be written, by their file's path. */
  private readonly retries: DisposalRetries;
  private unwritten: Report[] = [];
  /** Tells people of a broken file that may have been moved aside just when the connection was lost; by signature. */
  private readonly unsure = new Map<string, () => void>();

  constructor(
    private readonly state: StateStore,
    private readonly settings: Pick<WatcherSettings, 'folder' | 'brokenFolder' | 'afterwards' | 'pollMs'>,
    private readonly deps: Pick<WatcherDeps, 'report' | 'allClear' | 'log' | 'clock'>,
  ) {
    this.retries = new DisposalRetries(settings.pollMs);
  }

  /** True for a file that was never in the way, and for one that is to be tried again now. */
  due(file: ListedFile): boolean {
    return this.retries.due(signatureOf(file), this.deps.clock.elapsed());
  }

  /** Forgets the files that are gone, and tells the end of what was told of them. */
  keep(present: ReadonlySet<string>): void {
    const isReport = (key: string) => this.unwritten.some(({ about }) => about === key);
    const { leftBroken } = this.state.present;
    for (const signature of this.retries.keep((key) => present.has(key) || isReport(key))) {
      if (leftBroken.includes(signature)) continue;
      this.deps.allClear(`All clear: the finished export file "${nameIn(signature)}" is no longer in the folder.`);
    }
    for (const signature of leftBroken) {
      if (present.has(signature)) continue;
      this.forgetBroken(signature);
      this.deps.allClear(`All clear: the broken export file "${nameIn(signature)}" is no longer in the folder.`);
    }
    for (const [signature, tell] of this.unsure) {
      if (present.has(signature)) continue;
      this.unsure.delete(signature);
      tell();
    }
  }

  /** Moves a broken file aside, with a report beside it, and tells people. Where that can't be done, the file stays and they are told once. */
  async moveAside(server: ExportServer, file: ListedFile, fault: BrokenFileError): Promise<void> {
    const { folder, brokenFolder } = this.settings;
    const signature = signatureOf(file);
    const told = this.state.present.leftBroken.includes(signature);
    let where = '';
    try {
      const moved = await moveAside(server, folder, file.name, brokenFolder, fault, this.deps.clock.now());
      where = `It was moved to "${moved.path}".`;
      if ('noReport' in moved) where += this.keepReport(moved.report, file.name);
    } catch (error) {
      // With the connection lost it is done again; otherwise the file stays, is tried again later, and does not hold up the others.
      if (!server.alive) {
        // Unless it was done, and only the response was lost.
        if (!told) this.unsure.set(signature, () => this.tell(file, fault, `It was moved to "${brokenFolder}".`));
        throw error;
      }
      if (!this.retries.failed(signature, this.deps.clock.elapsed()) || told) return;
      this.state.update(leaveBroken(this.state.present, signature));
      where = 'It could not be moved aside and stays in the folder; that is tried again by itself.';
    }
    if (told) {
      this.forgetBroken(signature);
      return this.deps.allClear(`All clear: the broken export file "${file.name}" is out of the way. ${where}`);
    }
    this.unsure.delete(signature);
    this.tell(file, fault, where);
  }

  private tell({ name }: ListedFile, { code, message, hint }: BrokenFileError, where: string): void {
    const text = `The export file "${name}" was not processed. ${message} ${where}`;
    this.deps.report(new BrokenFileError(code, text, { hint }));
  }

  /** A file that was left where it is as broken is so no more, since the settings were changed. */
  mended(file: ListedFile): void {
    const signature = signatureOf(file);
    if (!this.state.present.leftBroken.includes(signature)) return;
    this.forgetBroken(signature);
    this.deps.allClear(`All clear: the export file "${file.name}" is no longer broken.`);
  }

  private forgetBroken(signature: string): void {
    this.retries.done(signature);
    this.state.update(forgetBroken(this.state.present, signature));
  }

  /** Gives what people are told about a report that has to wait. */
  private keepReport(report: Report, file: string): string {
    this.deps.log('warn', 'The report on a broken file could not be written; trying again', { file });
    this.unwritten = [...this.unwritten, report].slice(-UNWRITTEN_LIMIT);
    this.retries.failed(report.about, this.deps.clock.elapsed());
    return ' The report beside it could not be written yet.';
  }

  /** Writes the reports for which there was no room, when their time has come. */
  async writeReports(server: ExportServer): Promise<void> {
    for (const report of this.unwritten) {
      if (!this.retries.due(report.about, this.deps.clock.elapsed())) continue;
      try {
        await writeReport(server, report);
        this.retries.done(report.about);
        this.unwritten = this.unwritten.filter((other) => other !== report);
      } catch (error) {
        if (!server.alive) throw error;
        this.retries.failed(report.about, this.deps.clock.elapsed());
      }
    }
  }

  /** A finished file that can't be put away stays for now: it is known and does not hold up the others. */
  async putAway(server: ExportServer, file: ListedFile): Promise<void> {
    try {
      await putAway(server, this.settings.folder, file, this.settings.afterwards, this.deps.clock.now());
      if (this.retries.done(signatureOf(file))) {
        this.deps.allClear(`All clear: the export file "${file.name}" was put away.`);
      }
    } catch (error) {
      if (!server.alive) throw error;
      if (!this.retries.failed(signatureOf(file), this.deps.clock.elapsed())) return;
      const reason = tellable(error);
      this.deps.report(
        new ConfigurationError(
          'NOT_PUT_AWAY',
          sentence(`The export file "${file.name}" was processed but stays where it is. ${reason}`),
          {
            hint: 'It is tried again by itself. Give the user the right to move files, make room on the storage, or put the file away by hand. It is not read again as long as this workflow remembers it.',
          },
        ),
      );
    }
  }
}

/** The name of the file that has this signature. */
function nameIn(signature: string): string {
  return signature.slice(0, signature.indexOf('/'));
}
