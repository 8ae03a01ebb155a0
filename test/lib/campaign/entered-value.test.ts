import { enteredValue } from '../../../lib/campaign/entered-value';
import type { FieldType } from '../../../lib/core/metadata';

describe('enteredValue', () => {
  it.each<[FieldType, unknown, unknown]>([
    ['string', 'Ada', 'Ada'],
    ['string', ' Ada ', ' Ada '],
    ['string', 12, '12'],
    ['string', '', ''],
    ['string', null, null],
    ['integer', '12', 12],
    ['integer', ' -3 ', -3],
    ['integer', 12, 12],
    ['integer', '', null],
    ['double', '1.5', 1.5],
    ['float', '1e3', 1000],
    ['boolean', 'TRUE', true],
    ['boolean', 'no', false],
    ['boolean', 0, false],
    ['boolean', true, true],
    ['boolean', '', null],
    ['boolean', undefined, null],
    ['date', '1969-06-03', '1969-06-03'],
  ])('reads %s from %j as %j', (type, value, expected) => {
    expect(enteredValue({ name: 'f', type }, value)).toBe(expected);
  });

  it.each<[FieldType, unknown]>([
    ['integer', '1.5'],
    ['integer', 1.5],
    ['integer', '12abc'],
    ['integer', NaN],
    ['double', 'Infinity'],
    ['double', 'abc'],
    ['boolean', 'perhaps'],
    ['boolean', 2],
    ['string', { a: 1 }],
    ['string', ['a']],
    ['string', () => 1],
  ])('rejects for %s the value %p, without repeating it', (type, value) => {
    const read = () => enteredValue({ name: 'cusField', type }, value);
    expect(read).toThrow('The value for "cusField" is not of its type');
    expect(read).toThrow(expect.objectContaining({ code: 'INVALID_VALUE', field: 'cusField' }));
  });
});
