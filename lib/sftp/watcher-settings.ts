import type { TriggerHost } from '../sync/delivery/trigger-host';
import type { ColumnSetting } from '../sync/export/column-plan';
import type { CellFormat } from '../sync/export/column-types';
import type { ExportState } from '../sync/export/export-state';
import type { UnreadablePolicy } from '../sync/export/row-item';
import type { FileFormat } from './file-format';
import type { Afterwards } from './file-moves';
import type { ExportServer } from './export-server';

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

export interface WatcherDeps extends TriggerHost<ExportState> {
  connect(): Promise<ExportServer>;
}
