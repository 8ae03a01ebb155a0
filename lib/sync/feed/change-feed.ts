import type { Change, DeleteChange, UpsertChange } from '../../core/change';
import { advance, type Position } from './checkpoint';

/** A page of rows as the feed needs it. */
export interface FeedPage {
  readonly upserts: readonly UpsertChange[];
  readonly deletedIds: readonly string[];
  readonly nextLink?: string;
  readonly deltaLink?: string;
}

/** What the feed reads from: one table with its columns. */
export interface ChangeSource {
  readonly table: string;
  /** The first page of a full read with change tracking: of the ids only, or with all columns. */
  firstPage(what: 'ids' | 'rows', options: PageOptions): Promise<FeedPage>;
  /** The page behind a link of the server. `initial` says how the rows are to be marked. */
  pageAt(link: string, what: 'ids' | 'rows', options: PageOptions): Promise<FeedPage>;
  /** The present state of rows; ids that are gone come back in `missing`. */
  rowsById(ids: readonly string[], signal: AbortSignal): Promise<{ upserts: UpsertChange[]; missing: string[] }>;
}

export interface PageOptions {
  /** Rows per page. */
  readonly pageSize: number;
  readonly initial: boolean;
  readonly signal: AbortSignal;
}

/** One step of the feed. */
export interface FeedStep {
  /** In the order in which they have to be applied; at most one per row. Empty where the step emits nothing. */
  readonly changes: readonly Change[];
  readonly next: Position;
  /** True when the end was reached: the next step finds only what happens from now on. */
  readonly idle: boolean;
}

/** Where nothing is emitted, pages are as large as Dataverse gives them. */
const SILENT_PAGE_SIZE = 5000;

/**
 * Reads the step at a position. It has no memory: the same position may be read again at any time.
 *
 * @param pageSize rows per emitted batch
 * @throws SyncError what the source throws, and FatalError when a page does not advance
 */
export async function readStep(
  source: ChangeSource,
  at: Position,
  pageSize: number,
  signal: AbortSignal,
): Promise<FeedStep> {
  const silent = at.phase === 'safety-token' || (at.phase === 'load' && at.load === 'silent');
  const what = at.phase === 'safety-token' ? 'ids' : 'rows';
  const options: PageOptions = {
    pageSize: silent ? SILENT_PAGE_SIZE : pageSize,
    initial: at.phase === 'load',
    signal,
  };
  const page = at.link === null ? await source.firstPage(what, options) : await source.pageAt(at.link, what, options);
  const next = advance(at, page, page.upserts.length > 0 || page.deletedIds.length > 0);
  const changes = silent ? [] : await changesOf(source, at, page, signal);
  return { changes, next, idle: at.phase === 'delta' && next.phase === 'delta' && page.nextLink === undefined };
}

async function changesOf(
  source: ChangeSource,
  at: Position,
  page: FeedPage,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const latest = new Map<string, UpsertChange>();
  for (const upsert of page.upserts) latest.set(upsert.id, upsert);
  const deleted = new Set(page.deletedIds);
  // The safety token's pages hold the ids, or the columns of an earlier setting; a row that stands as changed and as deleted in one page may
  // have been restored. In both cases the present state decides.
  const lookUp = at.phase === 'catch-up' ? [...latest.keys()] : [...latest.keys()].filter((id) => deleted.has(id));
  if (lookUp.length > 0) {
    const present = await source.rowsById(lookUp, signal);
    for (const id of present.missing) {
      latest.delete(id);
      deleted.add(id);
    }
    for (const upsert of present.upserts) {
      latest.set(upsert.id, upsert);
      deleted.delete(upsert.id);
    }
  }
  const deletions = [...deleted].map((id): DeleteChange => ({
    change: 'delete',
    reason: 'deleted',
    table: source.table,
    id,
    modifiedOn: null,
    initial: false,
  }));
  return [...latest.values(), ...deletions];
}
