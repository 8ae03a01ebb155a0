import { upsertChange } from '../../../../nodes/AdobeCampaign/operations/upsert.operation';
import { field, resourceOf } from '../../../support/builders';

const describeWith = (...names: string[]) => resourceOf(...names.map((name) => field(name, 'string')));
const settings = {
  resource: 'profile',
  keyField: 'externalId',
  keyValue: 'a',
  fields: { cusNew: 'x' },
  updateOnly: false,
};

describe('upsertChange', () => {
  it('asks Campaign itself about a field that the cache does not know yet', async () => {
    const asked: (boolean | undefined)[] = [];
    const change = await upsertChange(settings, async (_resource, refresh) => {
      asked.push(refresh);
      return refresh ? describeWith('cusNew') : describeWith('firstName');
    });
    expect(asked).toEqual([undefined, true]);
    expect(change.target?.fields).toEqual({ cusNew: 'x' });
  });

  it('asks once where all fields are known', async () => {
    const describe = jest.fn(async () => describeWith('cusNew'));
    await upsertChange(settings, describe);
    expect(describe).toHaveBeenCalledTimes(1);
  });
});
