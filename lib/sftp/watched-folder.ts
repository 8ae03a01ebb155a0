import { ConfigurationError, SyncError } from '../core/errors';
import { canRemember, finish, isFinished, isSame, remember, type CurrentFile } from '../sync/export/export-state';
import { matchesPattern } from '../sync/export/file-pattern';
import { fileMark } from '../sync/export/finished-files';
import { FileStability, oldestFirst, signatureOf, type ListedFile } from '../sync/export/file-stability';
import { doneBefore, endInterruption, interrupt } from '../sync/export/interrupted-files';
import { Disposal } from './disposal';
import type { ExportServer, ServerFile } from './export-server';
import { FileDelivery } from './file-delivery';
import { restless, RESTLESS_MS } from './file-doubts';
import { factsOf, FileInspector } from './file-inspector';
import { REPLACEMENT } from './file-name';
import { FileTroubles } from './file-troubles';
import type { StateStore } from './state-store';
import type { Inspection } from './inspect-file';
import type { WatcherAlarms } from './watcher-alarms';
import type { WatcherDeps, WatcherSettings } from './watcher-settings';

/** So often the connection may be lost over the file that was begun before others get their turn. */
const TRIES_BEFORE_OTHERS = 3;

/**
 * The files of a folder, taken one after the other, each to its end before the next.
 *
 * A finished file is known by its name, time, size and content (isFinished), so it is not read again where it lies, nor after Campaign
 * compressed it; the same content in another file is.
 */
export class WatchedFolder {
  private readonly stability: FileStability;
  /** Signatures of files that were put away and are still listed. */
  private putAwayTwice = new Set<string>();
  private readonly troubles: FileTroubles;
  private readonly inspector: FileInspector;
  private readonly delivery: FileDelivery;
  private readonly disposal: Disposal;

  constructor(
    private readonly state: StateStore,
    private readonly alarms: Pick<WatcherAlarms, 'judge' | 'room'>,
    private readonly settings: WatcherSettings,
    private readonly deps: WatcherDeps,
    private readonly signal: AbortSignal,
  ) {
    this.stability = new FileStability(settings.stableMs);
    this.disposal = new Disposal(state, settings, deps);
    this.troubles = new FileTroubles(state, settings.pollMs, deps);
    this.inspector = new FileInspector(settings, deps.clock, signal);
    this.delivery = new FileDelivery(state, settings, deps, signal);
  }

  /**
   * One look into the folder; processes one file at most. Resolves with true when there was something to do.
   *
   * @throws what keeps the folder from being read; a file's own fault when there was nothing else to do, after it was dealt with
   */
  async look(server: ExportServer): Promise<boolean> {
    const listed = (await server.list(this.settings.folder, this.fits)).filter(({ name }) => this.fits(name));
    const files = listed.filter(({ fault }) => fault === undefined);
    const stable = this.stability.observe(files, this.deps.clock.elapsed());
    this.forgetOthers(listed);
    await this.alarms.judge(server);
    await this.disposal.writeReports(server);
    const { current } = this.state.present;
    if (current) return await this.resume(server, current, files, stable);
    const names = new Set(listed.map(({ name }) => name));
    let ownFault = this.nameUnreadable(listed);
    let all = stable.length === listed.length;
    for (const file of this.troubles.order(stable)) {
      if (!this.disposal.due(file)) continue;
      if (!this.troubles.due(file.name)) {
        all = false;
        continue;
      }
      try {
        const taken = await this.take(server, file, names);
        if (taken === 'done') return true;
        if (taken === 'full') return false;
        if (taken === 'changing') all = false;
      } catch (error) {
        if (!this.dealWith(server, file.name, error)) throw error;
        ownFault ??= error;
        // It was begun, and goes on before the others have their turn.
        if (this.state.present.current) break;
      }
    }
    if (ownFault) throw ownFault;
    // Every file is known by its mark now.
    if (all && this.state.present.before) this.state.update({ before: null });
    return false;
  }

  /** True for an error of {@link look} that one file alone explains, and that was dealt with. */
  isOfOneFile(error: unknown): boolean {
    return this.troubles.isOwn(error);
  }

  /** Processes a stable file. `known`: there was nothing to do. `full`: no further file may be taken. */
  private async take(
    server: ExportServer,
    file: ListedFile,
    names: ReadonlySet<string>,
  ): Promise<'done' | 'known' | 'changing' | 'full'> {
    const inspection = await this.inspect(server, file);
    if (inspection === 'changing') return 'changing';
    if (inspection === 'broken') return 'done';
    const facts = factsOf(file, inspection);
    if (isFinished(this.state.present, facts, names)) {
      return (await this.known(server, file, inspection)) ? 'done' : 'known';
    }
    if (!this.mayTakeAnother()) return 'full';
    const done = doneBefore(this.state.present, { ...facts, rows: inspection.rows });
    await this.deliver(server, file, inspection, done);
    return 'done';
  }

  /** True for names that matter. Where a byte is not UTF-8, it stands for whatever letter beyond ASCII the pattern has there. */
  private readonly fits = (name: string): boolean => {
    const { pattern } = this.settings;
    if (matchesPattern(name, pattern)) return true;
    return name.includes(REPLACEMENT) && matchesPattern(name, pattern.replaceAll(/[^ -~]/g, '?'));
  };

  /** Forgets what was known of files that are gone. */
  private forgetOthers(listed: readonly ListedFile[]): void {
    const signatures = new Set(listed.map(signatureOf));
    const names = new Set(listed.map(({ name }) => name));
    this.inspector.keep(listed);
    this.putAwayTwice = new Set([...this.putAwayTwice].filter((signature) => signatures.has(signature)));
    this.disposal.keep(signatures);
    this.troubles.keep(names);
    for (const file of this.state.present.interrupted ?? []) {
      if (listed.some((other) => mayBe(other, file))) continue;
      this.state.update(endInterruption(this.state.present, file.id));
      this.vanished(file);
    }
  }

  /** Deals with the files that can't be taken, as the listing alone shows. */
  private nameUnreadable(listed: readonly ServerFile[]): SyncError | undefined {
    const restlessNames = new Set(this.stability.restless(this.deps.clock.elapsed(), RESTLESS_MS));
    let first: SyncError | undefined;
    for (const { name, fault = restlessNames.has(name) ? restless() : undefined } of listed) {
      if (!fault || !this.troubles.due(name)) continue;
      first ??= fault;
      this.troubles.failed(name, fault);
    }
    return first;
  }

  /** Notes an error over a file. @returns true when it is the fault of this file alone: the others go on */
  private dealWith(server: ExportServer, name: string, error: unknown): error is SyncError {
    if (this.signal.aborted || this.delivery.isOfTheRun(error) || !(error instanceof SyncError)) return false;
    if (server.alive) {
      if (this.troubles.failed(name, error)) this.interrupted(name);
      return true;
    }
    const isFile = this.troubles.lost(name, error);
    if (isFile || this.troubles.losses(name) >= TRIES_BEFORE_OTHERS) this.interrupted(name);
    return false;
  }

  /** The file that was begun can't be read on for now: the others get their turn, and it goes on later where it was. */
  private interrupted(name: string): void {
    if (this.state.present.current?.name === name) this.state.update(interrupt(this.state.present));
  }

  /** Goes on with the file that was begun, wherever it lies now. */
  private async resume(
    server: ExportServer,
    current: CurrentFile,
    files: readonly ListedFile[],
    stable: readonly ListedFile[],
  ): Promise<boolean> {
    const maybe = files.filter((file) => mayBe(file, current));
    let uploadedAgain = false;
    for (const file of [...maybe].sort(
      (a, b) => Number(b.name === current.name) - Number(a.name === current.name) || oldestFirst(a, b),
    )) {
      if (!this.disposal.due(file)) continue;
      if (!stable.includes(file) || !this.troubles.due(file.name)) return false;
      try {
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
      } catch (error) {
        this.dealWith(server, file.name, error);
        throw error;
      }
    }
    if (current.last && this.settings.afterwards.kind !== 'leave') {
      // Its last batch was under way when n8n stopped, and only a success of that batch lets this trigger put the file away.
      this.deps.log('info', 'The last file was put away before n8n stopped', { file: current.name });
      const { modifiedMs, gzip } = current;
      const mark = fileMark({ ...current, modifiedMs: modifiedMs ?? 0, gzip: gzip ?? false });
      this.state.update(finish(this.state.present, mark, this.inspector.marks(), this.nowIso()));
      return true;
    }
    this.state.update({ current: null });
    if (uploadedAgain) {
      this.deps.log('info', 'A file was uploaded again while it was being processed; it is read from its beginning', {
        file: current.name,
      });
      return true;
    }
    this.vanished(current);
    return true;
  }

  private vanished(file: CurrentFile): void {
    this.deps.report(
      new ConfigurationError(
        'FILE_VANISHED',
        `The file "${file.name}" was removed or replaced while it was being processed: ${file.done} of its ${file.rows} rows were accepted.`,
        { hint: 'Upload the file again: it is then processed from its beginning.' },
      ),
    );
  }

  /** What is in a stable file. A broken one is moved aside here. */
  private async inspect(server: ExportServer, file: ListedFile): Promise<Inspection | 'broken' | 'changing'> {
    const found = await this.inspector.inspect(server, file);
    if (found === 'changing') return found;
    if ('broken' in found) {
      this.troubles.worked(file.name);
      await this.disposal.moveAside(server, file, found.broken);
      return 'broken';
    }
    // It may have been left where it is as broken, and no longer be so since the settings were changed.
    this.disposal.mended(file);
    return found;
  }

  /** A file that was processed before. Resolves with true when something had to be done about it. */
  private async known(server: ExportServer, file: ListedFile, inspection: Inspection): Promise<boolean> {
    const mark = fileMark(factsOf(file, inspection));
    if (!this.state.present.finished.includes(mark)) {
      this.state.update(remember(this.state.present, mark, this.inspector.marks()));
    }
    this.troubles.worked(file.name);
    if (this.settings.afterwards.kind === 'leave') return false;
    this.deps.log('info', 'This file was processed before; it is put away', { file: file.name });
    await this.putAway(server, file, mark);
    // A server that lists it all the same must not keep this loop busy.
    const signature = signatureOf(file);
    const isNew = !this.putAwayTwice.has(signature);
    this.putAwayTwice.add(signature);
    return isNew;
  }

  private async deliver(server: ExportServer, file: ListedFile, inspection: Inspection, done: number): Promise<void> {
    try {
      await this.delivery.deliver(server, file, inspection, done);
    } catch (error) {
      // Whatever it was, the file is looked at again before the next row.
      this.inspector.forget(file);
      throw error;
    }
    this.troubles.worked(file.name);
    const mark = fileMark(factsOf(file, inspection));
    const finished = finish(this.state.present, mark, this.inspector.marks(), this.nowIso());
    this.state.update(endInterruption(finished, inspection.id));
    await this.putAway(server, file, mark);
  }

  private async putAway(server: ExportServer, file: ListedFile, mark: string): Promise<void> {
    await this.disposal.putAway(server, file);
    if (this.settings.afterwards.kind === 'leave' || !this.disposal.due(file)) return;
    // The next file of this name may look the same, and is another one.
    this.inspector.forget(file);
    if (file.modifiedMs > 0) return;
    this.state.update({ finished: this.state.present.finished.filter((other) => other !== mark) });
  }

  /** With as many finished files in the folder as can be remembered, one more would make an old one be read again. */
  private mayTakeAnother(): boolean {
    const room = canRemember(this.state.present, this.inspector.marks());
    this.alarms.room(room);
    return room;
  }

  private nowIso(): string {
    return new Date(this.deps.clock.now()).toISOString();
  }
}

/** True for a file that may be the one that was begun, under its name, compressed, or renamed. */
function mayBe({ name, size }: ListedFile, begun: CurrentFile): boolean {
  return name === begun.name || name === `${begun.name}.gz` || size === begun.size;
}
