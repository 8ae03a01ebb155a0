import { planColumns, type PlannedColumn } from '../sync/export/column-plan';
import { FutureTimes } from '../sync/export/future-times';
import { faultItem, rowItem, withProblems, type RowItem } from '../sync/export/row-item';
import type { Inspection } from './inspect-file';
import type { Row } from './row-parser';
import type { RowSettings } from './watcher-settings';

/** Makes items of the rows of a file. */
export class RowItems {
  /** Columns in which a time in the future was noticed. */
  readonly inTheFuture = new Set<string>();
  private readonly columns: readonly PlannedColumn[];
  private readonly future: FutureTimes;

  /**
   * @param file name without its folder
   * @throws BrokenFileError COLUMN_MISSING, COLUMN_TWICE
   */
  constructor(
    private readonly file: string,
    private readonly inspection: Inspection,
    private readonly settings: RowSettings,
    nowMs: number,
  ) {
    const { header } = inspection;
    this.columns = header.length === 0 ? [] : planColumns(header, settings.columns, settings.keepOthers);
    this.future = new FutureTimes(this.columns, nowMs);
  }

  item({ number, line, cells, fault }: Row): RowItem {
    const where = { file: this.file, row: number, line, width: this.inspection.header.length };
    if (fault) return faultItem(fault, where);
    const item = rowItem(cells, where, this.columns, this.settings.cells, this.settings.unreadable);
    const future = this.future.in(item);
    if (future.length === 0) return item;
    for (const column of future) this.inTheFuture.add(column);
    return withProblems(
      item,
      future.map((column) => ({ column, code: 'IN_THE_FUTURE' })),
    );
  }
}
