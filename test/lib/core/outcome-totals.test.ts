import { describeTotals, totalsOf } from '../../../lib/core/outcome-totals';

describe('totals of outcomes', () => {
  it('counts each status and the engine calls', () => {
    const totals = totalsOf([
      { status: 'created', engineCalls: 1 },
      { status: 'updated', engineCalls: 2 },
      { status: 'updated', engineCalls: 2 },
      { status: 'rejected', engineCalls: 0 },
      undefined,
    ]);
    expect(totals).toMatchObject({ created: 1, updated: 2, rejected: 1, deleted: 0, engineCalls: 5 });
  });

  it('says them in a sentence, with the time and the rate', () => {
    const totals = totalsOf([
      { status: 'created', engineCalls: 1 },
      { status: 'absent', engineCalls: 0 },
    ]);
    expect(describeTotals(totals, 500)).toBe(
      '1 created, 1 already absent; 1 engine call; 2 records in 0.5 s (4 records/s)',
    );
  });

  it('says that there was nothing to do', () => {
    expect(describeTotals(totalsOf([]), 0, { engineCalls: false })).toBe('Nothing to do; 0 records in 0.0 s');
    expect(describeTotals(totalsOf([]), 0)).toBe('Nothing to do; 0 engine calls; 0 records in 0.0 s');
  });
});
