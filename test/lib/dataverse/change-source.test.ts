import { dataverseSource } from '../../../lib/dataverse/change-source';
import type { DataverseClient } from '../../../lib/dataverse/client';
import type { DataverseRow, Page } from '../../../lib/dataverse/rows';
import { column, ID, tableOf } from '../../support/builders';

const LABEL = 'gendercode@OData.Community.Display.V1.FormattedValue';
const description = tableOf(column('gendercode', 'choice'), column('lastname', 'string'));
const row: DataverseRow = {
  contactid: ID.toUpperCase(),
  gendercode: 2,
  [LABEL]: 'Female',
  lastname: 'Byron',
  modifiedon: '2026-11-21T16:30:00Z',
};
const { signal } = new AbortController();

/** A source over a client that gives one page, with what it was asked for. */
function source(options: { labels?: boolean; besides?: readonly string[] } = {}, page: Partial<Page> = {}) {
  const asked: object[] = [];
  const client: Pick<DataverseClient, 'readPage' | 'getByIds'> = {
    readPage: async (request) => (asked.push(request), { rows: [row], deletions: [], ...page }),
    getByIds: async (_table, columns, ids, { labels } = {}) => (
      asked.push({ columns, ids, labels }),
      { rows: [row], missing: ['gone'] }
    ),
  };
  const feed = dataverseSource(client as DataverseClient, description, { labels: true, besides: [], ...options });
  return { feed, asked };
}

const page = { pageSize: 500, initial: true, signal };
const change = {
  change: 'upsert',
  table: 'contact',
  id: ID,
  modifiedOn: '2026-11-21T16:30:00Z',
  initial: true,
  record: { gendercode: 2, lastname: 'Byron' },
  labels: { gendercode: 'Female' },
};

describe('the change source of a table', () => {
  it('reads the first page with change tracking, and gives its rows as changes with its links and deletions', async () => {
    const { feed, asked } = source({}, { deletions: ['x'], nextLink: 'n1', deltaLink: 'd1' });
    const { upserts, ...rest } = await feed.firstPage('rows', page);
    expect(feed.table).toBe('contact');
    expect(asked).toMatchObject([
      { columns: ['contactid', 'gendercode', 'lastname'], pageSize: 500, trackChanges: true, annotations: true },
    ]);
    expect(upserts).toMatchObject([{ ...change, record: { ...change.record, contactid: ID.toUpperCase() } }]);
    expect(rest).toEqual({ deletedIds: ['x'], nextLink: 'n1', deltaLink: 'd1' });
  });

  it('leaves out links that the page does not have', async () => {
    const { upserts: _, ...rest } = await source().feed.firstPage('rows', page);
    expect(rest).toEqual({ deletedIds: [] });
  });

  it('goes on at a link with the same preferences, and marks its rows as it is told', async () => {
    const { feed, asked } = source();
    const { upserts } = await feed.pageAt('d1', 'rows', { ...page, initial: false });
    expect(asked).toMatchObject([{ link: 'd1', pageSize: 500, trackChanges: true, annotations: true }]);
    expect(upserts).toMatchObject([{ id: ID, initial: false }]);
  });

  it('asks for no columns and labels where only ids are wanted, and gives no values', async () => {
    const { feed, asked } = source({ besides: ['modifiedon'] });
    const first = await feed.firstPage('ids', page);
    const linked = await feed.pageAt('n1', 'ids', page);
    expect(asked).toMatchObject([
      { columns: [], annotations: false },
      { link: 'n1', annotations: false },
    ]);
    for (const { upserts } of [first, linked]) expect(upserts).toMatchObject([{ id: ID, record: {}, labels: {} }]);
  });

  it('asks for no labels where they are switched off', async () => {
    const { feed, asked } = source({ labels: false });
    await feed.firstPage('rows', page);
    await feed.pageAt('n1', 'rows', page);
    await feed.rowsById([ID], signal);
    expect(asked).toMatchObject([{ annotations: false }, { annotations: false }, { labels: false }]);
  });

  it('reads columns besides those of the record, each once, and keeps them out of it', async () => {
    const { feed, asked } = source({ besides: ['modifiedon', 'lastname'] });
    const { upserts } = await feed.firstPage('rows', page);
    expect(asked).toMatchObject([{ columns: ['contactid', 'gendercode', 'lastname', 'modifiedon'] }]);
    expect(upserts[0]).toMatchObject({ modifiedOn: '2026-11-21T16:30:00Z' });
    expect(Object.keys(upserts[0]?.record ?? {})).not.toContain('modifiedon');
  });

  it('reads single rows as they are now, never as of an initial load, and names those that are gone', async () => {
    const { feed, asked } = source({ besides: ['modifiedon'] });
    const { upserts, missing } = await feed.rowsById([ID, 'gone'], signal);
    expect(asked).toEqual([
      { columns: ['contactid', 'gendercode', 'lastname', 'modifiedon'], ids: [ID, 'gone'], labels: true },
    ]);
    expect(upserts).toMatchObject([{ id: ID, initial: false, labels: { gendercode: 'Female' } }]);
    expect(missing).toEqual(['gone']);
  });
});
