import { nearestName, Problems } from '../../../lib/core/problems';
import { thrown } from '../../support/errors';

const columns = [
  { name: 'firstname', label: 'First Name' },
  { name: 'lastname', label: 'Last Name' },
  { name: 'new_customerid', label: 'Customer' },
];

it.each([
  ['firstnme', 'firstname'],
  ['FIRSTNAME', 'firstname'],
  ['last name', 'lastname'],
  ['custmer', 'new_customerid'],
  ['revenue', undefined],
  ['', undefined],
])('the nearest name to %p is %p', (name, expected) => expect(nearestName(name, columns)).toBe(expected));

it('Problems throws nothing where there are none, and names every one it has', () => {
  const problems = new Problems();
  expect(() => problems.throwIfAny()).not.toThrow();
  problems.add({ where: 'Line 1', code: 'A', message: 'one.', hint: 'Do this.' });
  problems.add({ where: 'Line 2', code: 'B', message: 'two.' });
  expect(thrown(() => problems.throwIfAny())).toMatchObject({
    code: 'A',
    message: 'Line 1: one.\nLine 2: two.',
    hint: 'Do this.',
  });
});
