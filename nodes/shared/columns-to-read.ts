import { ConfigurationError } from '../../lib/core/errors';
import { parseTypedName } from '../../lib/core/metadata';

/** The parameters "Columns to Read" and "Column Names or IDs". */
export interface ChosenColumns {
  readonly columnsMode: 'selected' | 'all';
  /** `name|type`, or the name alone. */
  readonly columns: readonly string[];
}

/**
 * Names of the columns that a node reads; undefined means all that can be read.
 *
 * @param node what the message calls the node
 * @throws ConfigurationError NO_COLUMNS
 */
export function columnsToRead({ columnsMode, columns }: ChosenColumns, node: string): readonly string[] | undefined {
  if (columnsMode === 'all') return undefined;
  if (columns.length > 0) return columns.map((column) => parseTypedName(column).name);
  throw new ConfigurationError('NO_COLUMNS', `The ${node} has no columns to read.`, {
    hint: 'Choose the columns that the flow uses, or set "Columns to Read" to all.',
  });
}
