import { readAttributeTimes } from '../../../lib/dataverse/attribute-times';

/** A log, newest first: times with the values that each change set. */
function log(...entries: [createdon: unknown, details: unknown][]) {
  const read: string[] = [];
  return {
    read,
    reads: {
      entries: async (_id: string, most: number) =>
        entries.slice(0, most).map(([createdon], index) => ({ auditid: `a${index}`, createdon })),
      details: async (auditId: string) => {
        read.push(auditId);
        return entries[Number(auditId.slice(1))]?.[1];
      },
    },
  };
}
const set = (values: Record<string, unknown> | null) => ({ AuditDetail: { OldValue: {}, NewValue: values } });

describe('the times of single columns', () => {
  it('are those of the newest entries that set them', async () => {
    const { reads, read } = log(
      ['2026-11-21T12:00:00Z', set({ telephone1: '1' })],
      ['2026-11-21T11:00:00Z', set({ donotemail: true })],
      ['2026-11-21T10:00:00Z', set({ donotemail: false, donotphone: false })],
      ['2026-11-21T09:00:00Z', set({ donotphone: true })],
    );
    expect(await readAttributeTimes('c1', ['donotemail', 'donotphone'], reads)).toEqual({
      donotemail: { changedOn: '2026-11-21T11:00:00Z', value: true },
      donotphone: { changedOn: '2026-11-21T10:00:00Z', value: false },
    });
    expect(read).toEqual(['a0', 'a1', 'a2']);
  });

  it('tell of a column that was emptied', async () => {
    const emptied = { AuditDetail: { OldValue: { donotemail: true }, NewValue: {} } };
    const { reads } = log(['2026-11-21T12:00:00Z', emptied], ['2026-11-21T11:00:00Z', set({ donotemail: true })]);
    expect(await readAttributeTimes('c1', ['donotemail'], reads)).toEqual({
      donotemail: { changedOn: '2026-11-21T12:00:00Z', value: null },
    });
  });

  it('end at an entry without a time', async () => {
    const { reads } = log([null, set({})], ['2026-11-21T11:00:00Z', set({ donotemail: true })]);
    expect(await readAttributeTimes('c1', ['donotemail'], reads)).toEqual({});
  });

  it.each([
    ['an unreadable entry', 'nonsense'],
    ['an entry without details', { AuditDetail: null }],
  ])('end at %s: it may be the change that is looked for', async (_what, details) => {
    const { reads } = log(['2026-11-21T12:00:00Z', details], ['2026-11-21T11:00:00Z', set({ donotemail: true })]);
    expect(await readAttributeTimes('c1', ['donotemail'], reads)).toEqual({});
  });

  it('are not there for columns that the newest twenty entries do not mention', async () => {
    const others = Array.from({ length: 20 }, (): [string, unknown] => ['2026-11-21T12:00:00Z', set(null)]);
    const { reads, read } = log(...others, ['2026-11-21T11:00:00Z', set({ donotemail: true })]);
    expect(await readAttributeTimes('c1', ['donotemail'], reads)).toEqual({});
    expect(read).toHaveLength(20);
  });
});
