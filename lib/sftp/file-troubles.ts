import { backoffMs } from '../core/backoff';
import { ConfigurationError, RetriableError, sentence, type SyncError } from '../core/errors';
import { shown } from './file-name';
import type { StateStore } from './state-store';
import type { WatcherDeps } from './watcher-settings';

/** Failures of a file in a row after which it is named, where waiting may mend it. */
const TRIES_BEFORE_REPORT = 3;
const LONGEST_PAUSE_MS = 3_600_000;
/** So many files in trouble are remembered as told; further ones are told again after a restart. */
const TOLD_LIMIT = 50;

interface Trouble {
  /** Failures in a row that the server gave for this file. */
  readonly failures: number;
  /** How often in a row the connection was lost over it. */
  readonly losses: number;
  /** When it is tried again, by a clock that never goes back. */
  readonly dueMs: number;
  /** Another file was read since the connection was first lost over this one: it is not the server. */
  readonly othersWork: boolean;
}

const NONE: Trouble = { failures: 0, losses: 0, dueMs: 0, othersWork: false };

/**
 * The files that can't be read, each by itself: none holds up the others. Each is named once, tried again with growing pauses, and told of
 * once more when it is over.
 *
 * A connection that is lost, or a server that stops responding, while a file is read may be the file's fault or the server's. It is the
 * file's once others were read meanwhile; until then it counts as the server's.
 */
export class FileTroubles {
  private files = new Map<string, Trouble>();
  /** Errors that are the fault of one file and were dealt with here. */
  private readonly own = new WeakSet<object>();

  /** @param firstPauseMs before the first new try, in milliseconds */
  constructor(
    private readonly state: StateStore,
    private readonly firstPauseMs: number,
    private readonly deps: Pick<WatcherDeps, 'report' | 'allClear' | 'log' | 'clock'>,
  ) {}

  /** True for a file that is in no trouble, and for one that is to be tried again now. */
  due(name: string): boolean {
    return (this.files.get(name)?.dueMs ?? 0) <= this.deps.clock.elapsed();
  }

  /** True for an error that one file alone explains. */
  isOwn(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.own.has(error);
  }

  /** The files with those last over which the connection was lost, the least often first. */
  order<File extends { readonly name: string }>(files: readonly File[]): File[] {
    return [...files].sort((a, b) => this.losses(a.name) - this.losses(b.name));
  }

  /** The server would not give the file. @returns true when it was named, now or before */
  failed(name: string, fault: SyncError): boolean {
    this.own.add(fault);
    const before = this.files.get(name) ?? NONE;
    const failures = before.failures + 1;
    this.wait(name, { ...before, failures }, failures);
    const told = failures >= TRIES_BEFORE_REPORT || fault instanceof ConfigurationError;
    if (told) this.tell(name, fault);
    else this.log(name, fault);
    return told;
  }

  /** The connection was lost over the file. @returns true when it is the file's fault */
  lost(name: string, fault: SyncError): boolean {
    const before = this.files.get(name) ?? NONE;
    const losses = before.losses + 1;
    // What was found before a restart holds.
    const isFile = this.told().includes(name) || (before.othersWork && losses >= TRIES_BEFORE_REPORT);
    if (!isFile) {
      this.files.set(name, { ...before, losses });
      return false;
    }
    this.own.add(fault);
    this.wait(name, { ...before, losses }, Math.max(losses - TRIES_BEFORE_REPORT + 1, 1));
    this.tell(name, fault);
    return true;
  }

  /** How often in a row the connection was lost over the file. */
  losses(name: string): number {
    return this.files.get(name)?.losses ?? 0;
  }

  /** The file was read. */
  worked(name: string): void {
    this.files.delete(name);
    for (const [other, trouble] of this.files) {
      if (trouble.losses > 0 && !trouble.othersWork) this.files.set(other, { ...trouble, othersWork: true });
    }
    this.over(name, `All clear: the export file ${shown(name)} can be read.`);
  }

  /** Forgets the files that are gone. */
  keep(present: ReadonlySet<string>): void {
    this.files = new Map([...this.files].filter(([name]) => present.has(name)));
    for (const name of this.told()) {
      if (!present.has(name)) this.over(name, `All clear: the export file ${shown(name)} is no longer in the folder.`);
    }
  }

  private wait(name: string, trouble: Trouble, failures: number): void {
    const pauseMs = backoffMs(failures, { firstMs: this.firstPauseMs, longestMs: LONGEST_PAUSE_MS });
    this.files.set(name, { ...trouble, dueMs: this.deps.clock.elapsed() + pauseMs });
  }

  private told(): readonly string[] {
    return this.state.present.troubled ?? [];
  }

  private tell(name: string, fault: SyncError): void {
    if (this.told().includes(name)) return this.log(name, fault);
    this.state.update({ troubled: [...this.told(), name].slice(-TOLD_LIMIT) });
    const text = `The export file ${shown(name)} can not be read, and the others go on. ${sentence(fault.message)}`;
    const hint = `${fault.hint ?? 'Ask the operator of the server, or upload the file again.'} It is tried again by itself, at the latest after an hour.`;
    this.deps.report(
      fault instanceof ConfigurationError
        ? new ConfigurationError('FILE_UNREADABLE', text, { hint, cause: fault })
        : new RetriableError('FILE_UNREADABLE', text, { hint, cause: fault }),
    );
  }

  private over(name: string, text: string): void {
    if (!this.told().includes(name)) return;
    this.state.update({ troubled: this.told().filter((other) => other !== name) });
    this.deps.allClear(text);
  }

  private log(name: string, { code, message }: SyncError): void {
    this.deps.log('warn', 'An export file could not be read; trying again', { file: name, code, reason: message });
  }
}
