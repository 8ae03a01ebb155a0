import { ConfigurationError, FatalError } from '../core/errors';
import { isGuid } from '../core/guid';
import { runConcurrently } from '../core/run-concurrently';
import { aborted } from '../http/abort';
import type { CallOptions } from '../http/call-options';
import { ResponseTooLargeError } from '../http/response-too-large';
import { hasLookup } from './odata';
import type { DataverseRow, FirstPageRequest, LinkedPageRequest, Page, TableRef } from './rows';

/** How rows are read by their ids. */
export interface ByIdOptions extends CallOptions {
  /** Ask for display labels too. @default true */
  readonly labels?: boolean;
  /** @default false */
  readonly confirmMissing?: boolean;
}

/** Rows by their ids, each once; see `DataverseClient.getByIds`. */
export interface RowsById {
  readonly rows: DataverseRow[];
  readonly missing: string[];
  readonly unreadable?: string[];
}

/** The reads that this needs of a client. */
export interface ByIdReads {
  page(request: FirstPageRequest | LinkedPageRequest): Promise<Page>;
  /** One row; undefined where Dataverse says that there is none. */
  one(id: string): Promise<DataverseRow | 'unreadable' | undefined>;
}

/** Ids in one request: its URL stays below 4,000 characters, far from every limit on the way. */
const IDS_PER_REQUEST = 50;

/** Missing rows that are asked for at the same time. */
const CONFIRMED_AT_ONCE = 10;

/** @throws ConfigurationError ID_NOT_A_GUID; FatalError ROW_TOO_LARGE, UNEXPECTED_RESPONSE; what the reads throw */
export async function rowsById(
  table: TableRef,
  columns: readonly string[],
  ids: readonly string[],
  reads: ByIdReads,
  { labels = true, confirmMissing = false, signal }: ByIdOptions,
): Promise<RowsById> {
  const wanted = [...new Set(ids.map((id) => id.trim().toLowerCase()))];
  const wrong = wanted.findIndex((id) => !isGuid(id));
  if (wrong >= 0) {
    throw new ConfigurationError('ID_NOT_A_GUID', `Id number ${wrong + 1} for table "${table.name}" is not a GUID.`, {
      hint: 'Rows of Dynamics 365 are read by their primary key, e.g. {{ $json.id }} of an item of the trigger.',
    });
  }
  const found = new Map<string, DataverseRow>();
  const first = { table, columns, pageSize: IDS_PER_REQUEST, annotations: labels };
  const request = { ...first, lookupTables: labels && hasLookup(columns) };
  const batches = [];
  for (let start = 0; start < wanted.length; start += IDS_PER_REQUEST) {
    batches.push(readAll(request, wanted.slice(start, start + IDS_PER_REQUEST), reads, found));
  }
  await Promise.all(batches);
  const unseen = wanted.filter((id) => !found.has(id));
  const unreadable = new Set<string>();
  if (confirmMissing) {
    const confirm = async (id: string) => {
      const row = await reads.one(id);
      if (row === 'unreadable') unreadable.add(id);
      else if (row) found.set(id, row);
    };
    await runConcurrently(unseen, CONFIRMED_AT_ONCE, confirm, signal);
    // Those that were not asked for any more are not known to be gone.
    if (signal?.aborted) throw aborted();
  }
  const rows = wanted.map((id) => found.get(id)).filter((row) => row !== undefined);
  const missing = unseen.filter((id) => !found.has(id) && !unreadable.has(id));
  return { rows, missing, ...(unreadable.size > 0 ? { unreadable: [...unreadable] } : {}) };
}

/** A row alone is more than is taken of a response. */
export function rowTooLarge({ name }: Pick<TableRef, 'name'>): FatalError {
  const message = `A single row of table "${name}" with the chosen columns is too large to be read.`;
  return new FatalError('ROW_TOO_LARGE', message, {
    hint: 'Leave out columns with long texts, files or images.',
  });
}

async function readAll(
  request: FirstPageRequest,
  ids: readonly string[],
  reads: ByIdReads,
  found: Map<string, DataverseRow>,
): Promise<void> {
  const { columns: _, ...common } = request;
  const { table } = request;
  const seen = new Set<string>();
  try {
    let page = await reads.page({ ...request, filter: ids.map((id) => `${table.primaryId} eq ${id}`).join(' or ') });
    for (;;) {
      for (const row of page.rows) found.set(String(row[table.primaryId]).toLowerCase(), row);
      const { nextLink } = page;
      if (nextLink === undefined) return;
      // Each id is one row: more pages than ids, or the same link again, would never come to an end.
      if (seen.has(nextLink) || seen.size >= ids.length) throw endlessPages(table);
      seen.add(nextLink);
      page = await reads.page({ ...common, link: nextLink });
    }
  } catch (error) {
    if (!(error instanceof ResponseTooLargeError)) throw error;
    if (ids.length === 1) throw rowTooLarge(table);
    const half = Math.ceil(ids.length / 2);
    await readAll(request, ids.slice(0, half), reads, found);
    await readAll(request, ids.slice(half), reads, found);
  }
}

function endlessPages({ name }: TableRef): FatalError {
  return new FatalError(
    'UNEXPECTED_RESPONSE',
    `Dynamics 365 gave no end of pages when asked for rows of table "${name}" by their IDs.`,
    { hint: 'Try again. If it stays, something between n8n and Dynamics 365 repeats its responses.' },
  );
}
