import { keyFieldProblem } from '../../../../lib/sync/mapping/key-field';
import { field } from '../../../support/builders';

describe('the Campaign key field of a mapping', () => {
  it.each([
    field('externalId', 'string'),
    field('externalId', 'string', { maxLength: 36 }),
    field('externalId', 'string', { maxLength: 0 }),
    field('cusKey', 'other'),
  ])('can hold the id of a row: %j', (key) => expect(keyFieldProblem(key)).toBeUndefined());

  it.each([
    ['KEY_FIELD_NOT_TEXT', field('number', 'integer')],
    ['KEY_FIELD_NOT_TEXT', field('gender', 'enumeration')],
    ['KEY_FIELD_NOT_TEXT', field('birthDate', 'date', { readOnly: true })],
    ['KEY_FIELD_TOO_SHORT', field('code', 'string', { maxLength: 35 })],
    ['READ_ONLY_FIELD', field('PKey', 'string', { readOnly: true })],
  ])('is refused with %s: %j', (code, key) => expect(keyFieldProblem(key)?.code).toBe(code));
});
