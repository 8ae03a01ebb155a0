import type { UpsertChange } from '../../../../lib/core/change';
import { readStep, type ChangeSource, type FeedPage } from '../../../../lib/sync/feed/change-feed';

const upsert = (id: string, lastname = id): UpsertChange => ({
  change: 'upsert',
  reason: 'changed',
  table: 'contact',
  id,
  modifiedOn: '2026-01-01T00:00:00Z',
  initial: false,
  record: { lastname },
  labels: {},
});
const signal = new AbortController().signal;

function sourceOf(page: FeedPage, present: Record<string, string> = {}) {
  const calls: unknown[] = [];
  const source: ChangeSource = {
    table: 'contact',
    firstPage: async (what, { pageSize, initial }) => (calls.push({ first: what, pageSize, initial }), page),
    pageAt: async (link, what, { pageSize, initial }) => (calls.push({ link, what, pageSize, initial }), page),
    rowsById: async (ids) => ({
      upserts: ids.filter((id) => id in present).map((id) => upsert(id, present[id])),
      missing: ids.filter((id) => !(id in present)),
    }),
  };
  return { source, calls };
}
const kinds = (changes: readonly { change: string; id: string }[]) => changes.map((c) => `${c.change} ${c.id}`);

describe('readStep', () => {
  it('emits the rows of a load page by page, marked by the source as initial', async () => {
    const { source, calls } = sourceOf({ upserts: [upsert('a'), upsert('b')], deletedIds: [], nextLink: 'p2' });
    const step = await readStep(source, { phase: 'load', link: null, safety: 's', load: 'initial' }, 200, signal);
    expect(kinds(step.changes)).toEqual(['upsert a', 'upsert b']);
    expect(step.idle).toBe(false);
    expect(calls).toEqual([{ first: 'rows', pageSize: 200, initial: true }]);
  });

  it.each([
    [{ phase: 'safety-token', link: null, load: 'initial' }, 'ids'],
    [{ phase: 'load', link: null, safety: 's', load: 'silent' }, 'rows'],
  ] as const)('emits nothing while it only fetches a delta token (%o)', async (at, what) => {
    const { source, calls } = sourceOf({ upserts: [upsert('a')], deletedIds: [], deltaLink: 'd' });
    const step = await readStep(source, at, 200, signal);
    expect(step.changes).toEqual([]);
    expect(calls).toEqual([expect.objectContaining({ first: what, pageSize: 5000 })]);
  });

  it('emits a row once per page, as it was last', async () => {
    const { source } = sourceOf({ upserts: [upsert('a', 'old'), upsert('a', 'new')], deletedIds: [], deltaLink: 'd' });
    const step = await readStep(source, { phase: 'delta', link: 'x' }, 200, signal);
    expect(step.changes).toEqual([upsert('a', 'new')]);
  });

  it('emits deletions after the changed rows, of ids never seen too', async () => {
    const { source } = sourceOf({ upserts: [upsert('a')], deletedIds: ['never-seen'], deltaLink: 'd' });
    const step = await readStep(source, { phase: 'delta', link: 'x' }, 200, signal);
    expect(kinds(step.changes)).toEqual(['upsert a', 'delete never-seen']);
    expect(step.changes[1]).toMatchObject({ reason: 'deleted', modifiedOn: null, initial: false });
    expect(step.idle).toBe(true);
  });

  it.each([
    ['is there', { a: 'restored' }, 'upsert a'],
    ['is gone', {}, 'delete a'],
  ])(
    'asks for the present state of a row that stands as changed and as deleted, and it %s',
    async (_w, present, kind) => {
      const { source } = sourceOf({ upserts: [upsert('a')], deletedIds: ['a'], deltaLink: 'd' }, present);
      const step = await readStep(source, { phase: 'delta', link: 'x' }, 200, signal);
      expect(kinds(step.changes)).toEqual([kind]);
    },
  );

  it('catches up with the present state of what changed during the load, deletions included', async () => {
    const { source } = sourceOf(
      { upserts: [upsert('a', ''), upsert('b', '')], deletedIds: ['c'], deltaLink: 'unused' },
      { a: 'present' },
    );
    const step = await readStep(source, { phase: 'catch-up', link: 'safe', then: 'd1' }, 200, signal);
    expect(kinds(step.changes)).toEqual(['upsert a', 'delete c', 'delete b']);
    expect(step.changes[0]).toMatchObject({ record: { lastname: 'present' }, initial: false });
    expect(step.next).toEqual({ phase: 'delta', link: 'd1' });
    expect(step.idle).toBe(false);
  });
});
