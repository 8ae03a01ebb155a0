import type { ContactSource, Contact } from '../sync/opt-out/sources';
import type { DataverseClient } from './client';
import type { DataverseRow, TableRef } from './rows';

/** Column with the time of a row's last change. */
const MODIFIED_ON = 'modifiedon';

/**
 * The opt-out resolver's view of the contacts in Dataverse.
 *
 * @param table the table "contact"
 */
export function contactSource(
  client: Pick<DataverseClient, 'getByIds' | 'getAttributeTimes'>,
  table: TableRef,
): ContactSource {
  return {
    contactsById: async (ids, columns, signal) => {
      const { rows } = await client.getByIds(table, [...columns, MODIFIED_ON], ids, { signal, labels: false });
      return new Map(rows.map((row) => [String(row[table.primaryId]).toLowerCase(), toContact(row, columns)]));
    },
    attributeTimes: (id, columns, signal) => client.getAttributeTimes(table, id, columns, { signal }),
  };
}

function toContact(row: DataverseRow, columns: readonly string[]): Contact {
  const etag = row['@odata.etag'];
  return {
    values: Object.fromEntries(columns.map((column) => [column, row[column]])),
    modifiedOn: row[MODIFIED_ON],
    version: typeof etag === 'string' && etag !== '' ? etag : null,
  };
}
