import { hasKey, keyProblem } from '../../../lib/campaign/record-key';

describe('hasKey', () => {
  it.each([
    [{ externalId: 'a1' }, 'externalId', 'a1'],
    [{ externalId: 7 }, 'externalId', '7'],
    [{ cus: { crmId: 'a1' } }, 'cus.crmId', 'a1'],
  ])('finds in %j the key %s %s', (record, keyField, keyValue) => {
    expect(hasKey(record, keyField, keyValue)).toBe(true);
  });

  it.each([
    [{ externalId: 'A1' }, 'a1'],
    [{ externalId: 'a1 ' }, 'a1'],
    [{ externalId: 7 }, '07'],
    [{ externalId: null }, 'null'],
    [{ externalId: true }, 'true'],
    [{}, 'undefined'],
    [{ externalId: ['a1'] }, 'a1'],
    [{ externalId: { toString: () => 'a1' } }, 'a1'],
  ])('does not take the key of %j for %j', (record, keyValue) => {
    expect(hasKey(record, 'externalId', keyValue)).toBe(false);
  });
});

const KEY = { resource: 'profile', field: 'externalId' };

describe('keyProblem', () => {
  it.each(['', ' ', '\t\n', '.', '..', undefined, null, 7, {}])('finds %j not fit to name one record', (value) => {
    expect(keyProblem(value, KEY)).toMatchObject({
      kind: 'reject',
      code: 'KEY_NOT_USABLE',
      message: expect.stringContaining('"externalId" of profile') as string,
    });
  });

  it.each(['a', '0', '...', 'a b', ' a'])('takes %j', (value) => {
    expect(keyProblem(value, KEY)).toBeUndefined();
  });
});
