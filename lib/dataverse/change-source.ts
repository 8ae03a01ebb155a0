import type { DataverseClient } from './client';
import type { Page } from './rows';
import { toChange } from './to-change';
import type { ChangeSource, FeedPage } from '../sync/feed/change-feed';
import type { TableDescription } from '../core/metadata';

/**
 * The change feed's view of one Dataverse table.
 *
 * @param description the table with the columns to read only
 */
export function dataverseSource(
  client: DataverseClient,
  description: TableDescription,
  options: {
    readonly labels: boolean;
    /** Columns to read that are no part of the record. */ readonly besides: readonly string[];
  },
): ChangeSource {
  const { table } = description;
  const columns = [...new Set([...description.columns.map((column) => column.name), ...options.besides])];
  const feedPage = (page: Page, what: 'ids' | 'rows', initial: boolean): FeedPage => ({
    upserts: page.rows.map((row) => toChange(row, what === 'ids' ? { table, columns: [] } : description, { initial })),
    deletedIds: page.deletions,
    ...(page.nextLink === undefined ? {} : { nextLink: page.nextLink }),
    ...(page.deltaLink === undefined ? {} : { deltaLink: page.deltaLink }),
  });
  return {
    table: table.name,
    firstPage: async (what, { pageSize, initial, signal }) => {
      const request = {
        table,
        columns: what === 'ids' ? [] : columns,
        pageSize,
        trackChanges: true,
        annotations: what === 'rows' && options.labels,
      };
      return feedPage(await client.readPage(request, { signal }), what, initial);
    },
    pageAt: async (link, what, { pageSize, initial, signal }) => {
      const request = { table, link, pageSize, trackChanges: true, annotations: what === 'rows' && options.labels };
      return feedPage(await client.readPage(request, { signal }), what, initial);
    },
    rowsById: async (ids, signal) => {
      const { rows, missing } = await client.getByIds(table, columns, ids, { signal, labels: options.labels });
      return { upserts: rows.map((row) => toChange(row, description, { initial: false })), missing };
    },
  };
}
