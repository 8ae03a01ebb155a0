import type { UpsertChange } from '../sync/change';
import type { TableDescription } from '../sync/metadata';
import type { DataverseRow } from './rows';

/**
 * A row as a change. `record` holds the columns of `description.columns` that the row has (pass a description cut down to the
 * selected columns), `labels` the display labels of choices and lookups.
 */
export function toChange(
  _row: DataverseRow,
  _description: TableDescription,
  _options: { readonly initial: boolean },
): UpsertChange {
  throw new Error('not built yet');
}
