import type { PlannedColumn } from './column-plan';
import type { RowItem } from './row-item';

/** Clocks may differ by so much, in milliseconds. */
const TOLERANCE_MS = 300_000;

/**
 * Notices date-times that lie in the future, once for each column of a file: most often the export writes times in the zone of its
 * operator, and the node reads them in another one. The value stays; the item of the first such row names it in `export.problems`.
 */
export class FutureTimes {
  private readonly latest: string;
  private readonly names: Set<string>;

  constructor(columns: readonly PlannedColumn[], nowMs: number) {
    this.latest = new Date(nowMs + TOLERANCE_MS).toISOString();
    this.names = new Set(columns.filter(({ type }) => type === 'dateTime').map(({ name }) => name));
  }

  /** @returns the columns of this row that are noticed now */
  in(item: RowItem): readonly string[] {
    if (this.names.size === 0) return [];
    const found = [...this.names].filter((name) => {
      const value = item[name];
      // Times are ISO 8601 in UTC with milliseconds, so their order is that of their texts; what could not be read is not.
      return typeof value === 'string' && value.length === this.latest.length && ISO.test(value) && value > this.latest;
    });
    for (const name of found) this.names.delete(name);
    return found;
  }
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
