import { valueByName } from '../../../lib/core/opt-out-fields';

describe("a field's value in a profile", () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['by its own name', { blackListEmail: false }, false],
    ['by its other name', { denyListEmail: true }, true],
    ['by its other name where its own one is empty', { blackListEmail: null, denyListEmail: true }, true],
    ['by its own name where both are there', { blackListEmail: false, denyListEmail: true }, false],
    ['as empty where both are', { blackListEmail: null, denyListEmail: '' }, null],
    ['as missing where neither is there', { blackListFax: true }, undefined],
  ])('is found %s', (_how, values, value) => {
    expect(valueByName(values, 'blackListEmail')).toBe(value);
  });
});
