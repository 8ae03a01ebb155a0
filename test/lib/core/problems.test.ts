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
  problems.add({ where: 'Line 2', code: 'B', message: 'two.', hint: 'Do that.' });
  problems.add({ where: 'Line 4', code: 'A', message: 'three.', hint: 'Do this.' });
  expect(thrown(() => problems.throwIfAny())).toMatchObject({
    code: 'A',
    message: 'Line 1: one.\nLine 2: two.\nLine 4: three.',
    hint: 'Line 1, Line 4: Do this.\nLine 2: Do that.',
  });
});

it('Problems says once what is to be done about all of them', () => {
  const problems = new Problems();
  problems.add({ where: 'Line 1', code: 'A', message: 'one.', hint: 'Do this.' });
  problems.add({ where: 'Line 2', code: 'A', message: 'two.', hint: 'Do this.' });
  expect(thrown(() => problems.throwIfAny())).toMatchObject({ hint: 'Do this.' });
});
