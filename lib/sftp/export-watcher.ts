import { backoffMs } from '../core/backoff';
import { RetriableError, SyncError } from '../core/errors';
import type { ExportState } from '../sync/export/export-state';
import type { ExportServer } from './export-server';
import { StateStore } from './state-store';
import { untilAborted } from './until-aborted';
import { WatchedFolder } from './watched-folder';
import { WatcherAlarms } from './watcher-alarms';
import type { WatcherDeps, WatcherSettings } from './watcher-settings';

/** Of what may pass by itself: asking whether it is over costs one connection, so its end is seen soon however long it lasted. */
const LONGEST_RETRY_MS = 20_000;
/** Of what somebody has to mend: servers shut out who is refused all the time. */
const LONGEST_REFUSED_MS = 60_000;

/**
 * Watches a folder and delivers the rows of each new file, batch after batch, over a connection that is made anew whenever it is lost.
 *
 * Only a batch whose run succeeded counts as done; what is done with the files says {@link WatchedFolder}. docs/sftp-exports.md has the
 * whole argument.
 */
export class ExportWatcher {
  private readonly folder: WatchedFolder;
  private readonly alarms: WatcherAlarms;
  private server: ExportServer | undefined;

  constructor(
    state: ExportState,
    private readonly settings: WatcherSettings,
    private readonly deps: WatcherDeps,
    private readonly signal: AbortSignal,
  ) {
    const store = new StateStore(state, (next) => deps.save(next));
    this.alarms = new WatcherAlarms(store, settings, deps);
    this.folder = new WatchedFolder(store, this.alarms, settings, deps, signal);
  }

  /** Works until the signal aborts; resolves then. Faults of the server are waited out. */
  async run(): Promise<void> {
    let failures = 0;
    // Whatever is waited for at the server ends with the connection.
    const onAbort = () => void this.server?.close().catch(() => undefined);
    this.signal.addEventListener('abort', onAbort, { once: true });
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
          if (!this.folder.isOfOneFile(error)) pauseMs = await this.failed(error, ++failures);
          else if (this.server?.alive) {
            failures = 0;
            this.alarms.worked();
          }
        }
        if (pauseMs > 0) await this.deps.clock.sleep(pauseMs, this.signal);
      }
    } catch (error) {
      if (!this.signal.aborted) throw error;
    } finally {
      this.signal.removeEventListener('abort', onAbort);
      await this.server?.close();
    }
  }

  /** One look into the folder, see {@link WatchedFolder.look}. @throws what keeps from connecting, besides */
  async look(): Promise<boolean> {
    return await this.folder.look(await this.connected());
  }

  private async connected(): Promise<ExportServer> {
    if (this.server?.alive) return this.server;
    await this.server?.close();
    this.server = undefined;
    this.server = await untilAborted(this.deps.connect(), this.signal);
    return this.server;
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
    const longestMs = cause instanceof RetriableError ? LONGEST_RETRY_MS : LONGEST_REFUSED_MS;
    const pauseMs = backoffMs(failures, { firstMs: 1000, longestMs });
    this.deps.log('warn', 'The exports could not be read; trying again', {
      code: cause.code,
      reason: cause.message,
      againInSeconds: pauseMs / 1000,
    });
    return pauseMs;
  }
}
