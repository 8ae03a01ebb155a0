import type { SyncError } from '../core/errors';
import type { ColumnSetting } from '../sync/export/column-plan';
import type { CellFormat } from '../sync/export/column-types';
import type { ExportState } from '../sync/export/export-state';
import type { RowItem, UnreadablePolicy } from '../sync/export/row-item';
import type { FileFormat } from './file-format';
import type { Afterwards } from './file-moves';
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
