import { ConfigurationError } from '../core/errors';
import type { TableDescription } from '../core/metadata';

/** Columns whose type changed since they were chosen still read well; the mapping checks types. Missing ones do not. */
type Chosen = readonly { readonly name: string; readonly type: string | undefined }[] | undefined;

/** Says when a row was changed last; read even where it was not chosen, so that every change carries it. */
export const CHANGED_ON = 'modifiedon';

/**
 * The table with the chosen columns only.
 *
 * @throws ConfigurationError UNKNOWN_COLUMN that names every chosen column which the table does not have any more, and CHANGE_TRACKING_OFF
 */
export function selectColumns(description: TableDescription, chosen: Chosen): TableDescription {
  const { table } = description;
  if (!table.changeTracking) {
    throw new ConfigurationError(
      'CHANGE_TRACKING_OFF',
      `Change tracking is off for the table "${table.label}" (${table.name}), so its changes can't be followed.`,
      {
        hint: 'In Power Apps open the table, then Properties > Advanced options > Track changes, save and publish. An administrator can do it.',
      },
    );
  }
  if (chosen === undefined) return description;
  const names = new Set(chosen.map((column) => column.name));
  const columns = description.columns.filter((column) => names.delete(column.name));
  if (names.size > 0) {
    const missing = [...names].map((name) => `"${name}"`).join(', ');
    throw new ConfigurationError(
      'UNKNOWN_COLUMN',
      `The table "${table.label}" (${table.name}) has no column ${missing} that could be read.`,
      {
        hint: 'It may have been renamed or removed, or the application user may not see it. Open the Dynamics 365 Trigger and choose the columns anew.',
      },
    );
  }
  return { table, columns };
}
