import type { DataverseClient } from './client';
import { hasLookup } from './odata';
import { rowTooLarge } from './rows-by-id';
import type { FirstPageRequest, LinkedPageRequest, Page } from './rows';
import { toChange, unreadableChange } from './to-change';
import { ResponseTooLargeError } from '../http/response-too-large';
import type { ChangeSource, FeedPage } from '../sync/feed/change-feed';
import type { TableDescription } from '../core/metadata';

/**
 * The change feed's view of one Dataverse table.
 *
 * A page that is too large is asked for again with half its rows, down to a single one. The links that follow are read with as few.
 *
 * @param description the table with the columns to read only
 */
export function dataverseSource(
  client: DataverseClient,
  description: TableDescription,
  options: {
    readonly labels: boolean;
    /** Columns to read that are no part of the record. */
    readonly besides: readonly string[];
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
  const common = (what: 'ids' | 'rows') => {
    const annotations = what === 'rows' && options.labels;
    return { table, trackChanges: true, annotations, lookupTables: annotations && hasLookup(columns) };
  };
  /** Rows that a page may have; fewer from the first page on that was too large. */
  let mostRows = Infinity;
  const readPage = async (request: FirstPageRequest | LinkedPageRequest, signal: AbortSignal): Promise<Page> => {
    for (;;) {
      const pageSize = Math.min(request.pageSize, mostRows);
      try {
        return await client.readPage({ ...request, pageSize }, { signal });
      } catch (error) {
        if (!(error instanceof ResponseTooLargeError)) throw error;
        if (pageSize <= 1) throw rowTooLarge(table);
        mostRows = Math.floor(pageSize / 2);
      }
    }
  };
  return {
    table: table.name,
    firstPage: async (what, { pageSize, initial, signal }) => {
      const request = { ...common(what), columns: what === 'ids' ? [] : columns, pageSize };
      return feedPage(await readPage(request, signal), what, initial);
    },
    pageAt: async (link, what, { pageSize, initial, signal }) => {
      return feedPage(await readPage({ ...common(what), link, pageSize }, signal), what, initial);
    },
    rowsById: async (ids, signal) => {
      // A row that can't be read yet, or not any more, is no deleted one.
      const asked = { signal, labels: options.labels, confirmMissing: true };
      const { rows, missing, unreadable = [] } = await client.getByIds(table, columns, ids, asked);
      const upserts = rows.map((row) => toChange(row, description, { initial: false }));
      return { upserts: [...upserts, ...unreadable.map((id) => unreadableChange(table.name, id))], missing };
    },
  };
}
