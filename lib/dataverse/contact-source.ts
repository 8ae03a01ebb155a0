import { readGuid } from '../core/guid';
import type { ContactSource, Contact } from '../sync/opt-out/sources';
import type { DataverseClient } from './client';
import type { DataverseRow, TableRef } from './rows';

/** Column with the time of a row's last change. */
const MODIFIED_ON = 'modifiedon';

/** Whether a contact lost a merge, and to which other one. */
export const MERGE_COLUMNS = ['merged', '_masterid_value'] as const;

/**
 * The opt-out resolver's view of the contacts in Dataverse.
 *
 * @param table the table "contact"
 * @param options.merges read whether a contact was merged into another one: the table has the columns for it
 */
export function contactSource(
  client: Pick<DataverseClient, 'getByIds' | 'getAttributeTimes'>,
  table: TableRef,
  options: { readonly merges?: boolean } = {},
): ContactSource {
  const besides = options.merges ? [MODIFIED_ON, ...MERGE_COLUMNS] : [MODIFIED_ON];
  return {
    contactsById: async (ids, columns, signal) => {
      const { rows } = await client.getByIds(table, [...columns, ...besides], ids, { signal, labels: false });
      return new Map(rows.map((row) => [String(row[table.primaryId]).toLowerCase(), toContact(row, columns)]));
    },
    attributeTimes: (id, columns, signal) => client.getAttributeTimes(table, id, columns, { signal }),
  };
}

function toContact(row: DataverseRow, columns: readonly string[]): Contact {
  const etag = row['@odata.etag'];
  const [merged, winner] = MERGE_COLUMNS.map((column) => row[column]);
  const master = merged === true ? readGuid(winner) : undefined;
  return {
    values: Object.fromEntries(columns.map((column) => [column, row[column]])),
    modifiedOn: row[MODIFIED_ON],
    version: typeof etag === 'string' && etag !== '' ? etag : null,
    ...(master === undefined ? {} : { mergedInto: master }),
  };
}
