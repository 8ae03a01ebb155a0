import { RetriableError, type SyncError } from '../core/errors';
import { compareIncidents, isLate, percentUsed, type Incident } from '../sync/export/incidents';
import type { StateStore } from './state-store';
import { allClearText, incidentError } from './incident-texts';
import type { ExportServer } from './export-server';
import type { WatcherDeps, WatcherSettings } from './watcher-settings';

/** Failures in a row after which an unreachable server is reported. */
const TRIES_BEFORE_REPORT = 3;

/** Tells the people in charge of each incident once when it begins, and once when it is over. */
export class WatcherAlarms {
  constructor(
    private readonly state: StateStore,
    private readonly settings: Pick<WatcherSettings, 'folder' | 'lateAfterHours' | 'storagePercent'>,
    private readonly deps: Pick<WatcherDeps, 'report' | 'allClear' | 'clock'>,
  ) {}

  /** Is an export overdue, is the storage nearly full? */
  async judge(server: ExportServer): Promise<void> {
    const judged = new Map<Incident, boolean>([['late', this.late()]]);
    let used: number | undefined;
    if (this.settings.storagePercent > 0) {
      const room = await server.room(this.settings.folder === '' ? '.' : this.settings.folder).catch(() => undefined);
      if (room) {
        used = percentUsed(room);
        judged.set('storage', used >= this.settings.storagePercent);
      }
    } else {
      // Switched off while it was open: it must be told again when it is switched on.
      judged.set('storage', false);
    }
    this.tell(judged, { used });
  }

  /** The folder was looked at. */
  worked(): void {
    this.tell(
      new Map([
        ['unreachable', false],
        ['refused', false],
      ]),
    );
  }

  /** The folder could not be looked at, so many times in a row. */
  failed(cause: SyncError, failures: number): void {
    const judged = new Map<Incident, boolean>([['late', this.late()]]);
    if (cause instanceof RetriableError) {
      if (failures >= TRIES_BEFORE_REPORT) judged.set('unreachable', true);
    } else {
      judged.set('refused', true);
    }
    this.tell(judged, { cause });
  }

  /** Whether one more finished file can be remembered. */
  room(isThere: boolean): void {
    this.tell(new Map([['too-many-files', !isThere]]));
  }

  private late(): boolean {
    return isLate(this.state.present.lastExportAt, this.deps.clock.now(), this.settings.lateAfterHours);
  }

  private tell(
    judged: ReadonlyMap<Incident, boolean>,
    facts: { used?: number | undefined; cause?: SyncError } = {},
  ): void {
    const { open, changes } = compareIncidents(this.state.present.incidents, judged);
    if (changes.length === 0) return;
    this.state.update({ incidents: open });
    for (const { incident, begins } of changes) {
      const about = { ...facts, settings: this.settings, lastExportAt: this.state.present.lastExportAt };
      if (begins) this.deps.report(incidentError(incident, about));
      else this.deps.allClear(allClearText(incident, about));
    }
  }
}
