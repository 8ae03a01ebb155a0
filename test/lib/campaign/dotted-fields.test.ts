import { flattenFields, readField, toBody } from '../../../lib/campaign/dotted-fields';

describe('toBody', () => {
  it.each(['__proto__', 'constructor', '__proto__.polluted', 'constructor.prototype.polluted'])(
    'carries the field name %s without reaching a prototype',
    (name) => {
      const fields = JSON.parse(`{"${name}":"x"}`) as Record<string, string>;
      expect(JSON.stringify(toBody(fields))).toContain('"x"');
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );
});

describe('readField', () => {
  it.each([
    ['location.city', { location: { city: 'Ulm' } }, 'Ulm'],
    ['location.city', { location: null }, undefined],
    ['location.city', { location: 'Ulm' }, undefined],
    ['location.city', {}, undefined],
    ['a.b.c', { a: { b: { c: 1 } } }, 1],
  ])('reads %s of %j', (name, record, value) => {
    expect(readField(record, name)).toBe(value);
  });
});

describe('flattenFields', () => {
  it('gives nested objects dotted names', () => {
    expect({ ...flattenFields({ firstName: 'Ada', location: { city: 'London', zip: null } }) }).toEqual({
      firstName: 'Ada',
      'location.city': 'London',
      'location.zip': null,
    });
  });

  it('leaves lists as they are, for the field to refuse', () => {
    expect({ ...flattenFields({ a: [1] }) }).toEqual({ a: [1] });
  });
});
