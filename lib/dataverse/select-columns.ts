import { ConfigurationError } from '../core/errors';
import type { TableDescription } from '../core/metadata';
import { unknownColumns } from '../core/unknown-column';
import { changeTrackingOff } from './errors';

/** Says when a row was changed last; read even where it was not chosen, so that every change carries it. */
const CHANGED_ON = 'modifiedon';

/**
 * The table with the chosen columns only, in the order of the description. A column whose type changed since it was chosen still reads well:
 * what uses it checks types.
 *
 * @param names undefined: all columns
 * @param node whose panel the columns are chosen in, as messages call it
 * @throws ConfigurationError COLUMN_NOT_SERVED; UNKNOWN_COLUMN that names every chosen column which the table does not have any more
 */
export function selectColumns(
  description: TableDescription,
  names: readonly string[] | undefined,
  node: string,
): TableDescription {
  if (names === undefined) return description;
  const { table } = description;
  const wanted = new Set(names);
  const columns = description.columns.filter(({ name }) => wanted.delete(name));
  if (wanted.size === 0) return { table, columns };
  const notServed = (description.notServed ?? []).filter((name) => wanted.has(name));
  if (notServed.length > 0) throw columnsNotServed(table.name, notServed, node);
  throw unknownColumns(table, [...wanted], {
    candidates: description.columns,
    then: `Open the ${node} and choose the columns anew.`,
  });
}

function columnsNotServed(table: string, names: readonly string[], node: string): ConfigurationError {
  const listed = names.map((name) => `"${name}"`).join(', ');
  return new ConfigurationError(
    'COLUMN_NOT_SERVED',
    `The Web API of Dynamics 365 does not give these columns of the table "${table}": ${listed}.`,
    { hint: `Open the ${node} and take them out. A column that is calculated from them may be served.` },
  );
}

/** What to tell of secured columns among the chosen ones; one sentence each. */
export function securedColumnWarnings({ table, columns }: TableDescription): string[] {
  return columns.flatMap(({ name, secured }) => {
    if (!secured) return [];
    const why = secured === 'unreadable' ? 'the user may not read it' : 'it is not known whether the user may read it';
    return [
      `The column "${name}" of the table "${table.name}" has column security, and ${why}: where it reads as empty it is left out, and nothing is cleared. Give the application user a column security profile that may read it.`,
    ];
  });
}

/** Columns to read that are no part of the record: the time of the last change, where the table has it. */
export function columnsBesides({ columns }: TableDescription): readonly string[] {
  return columns.some(({ name }) => name === CHANGED_ON) ? [CHANGED_ON] : [];
}

/** @throws ConfigurationError CHANGE_TRACKING_OFF */
export function requireChangeTracking({ table }: TableDescription): void {
  if (!table.changeTracking) throw changeTrackingOff(table);
}
