import type { INodeExecutionData } from 'n8n-workflow';
import { outputOf } from '../../../lib/core/outcome';
import { totalsOf } from '../../../lib/core/outcome-totals';
import { routeByOutcome } from '../../../nodes/shared/route-by-outcome';
import { requireAllOut } from '../../../nodes/shared/require-all-out';
import { thrown } from '../../support/errors';

const items = [{ json: { n: 0 } }, { json: { n: 1 } }];
const out = (...of: number[]): INodeExecutionData[] => of.map((item) => ({ json: {}, pairedItem: { item } }));

describe('the count of what leaves a node', () => {
  it('is that of what came in, over all outputs', () => {
    expect(() => requireAllOut(items, [out(1), out(0)])).not.toThrow();
    expect(() => requireAllOut([], [[], []])).not.toThrow();
  });

  it.each([
    ['one vanished', [out(0), []]],
    ['one went out twice in place of another', [out(0, 0), []]],
    ['one came from nowhere', [out(0, 1), out(2)]],
  ])('fails the execution where %s', (_name, outputs) => {
    expect(thrown(() => requireAllOut(items, outputs)).code).toBe('ITEM_LOST');
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'Created'])(
    'lets no item vanish whose outcome has the status %j',
    (status) => {
      const outcome = { status, engineCalls: 0 } as never;
      expect(thrown(() => routeByOutcome(items, [outcome, outcome])).code).toBe('ITEM_LOST');
      expect(outputOf(status as never)).toBeUndefined();
      expect(totalsOf([outcome])).toEqual(totalsOf([]));
    },
  );
});
