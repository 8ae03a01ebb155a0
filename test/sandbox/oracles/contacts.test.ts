import { compare } from '../../../sandbox/oracles/contacts';

const ID = '0b5b4ef0-4b1b-4f3f-9d49-3d3a0d9cf001';
const PAIRS = [
  { column: 'firstname', field: 'firstName' },
  { column: 'birthdate', field: 'birthDate' },
  { column: 'gendercode', field: 'gender' },
  { column: 'address1_city', field: 'location.city' },
  { column: 'new_lastvisit', field: 'cusLastVisit' },
];

const contact = (changes: Record<string, unknown> = {}) => ({
  contactid: ID,
  firstname: 'Ada',
  birthdate: '1969-06-03',
  gendercode: 2,
  address1_city: 'Łódź',
  new_lastvisit: '2020-07-31T11:19:00Z',
  ...changes,
});

const profile = (changes: Record<string, unknown> = {}) => ({
  externalId: ID,
  firstName: 'Ada',
  birthDate: '1969-06-03',
  gender: 'female',
  location: { city: 'Łódź' },
  cusLastVisit: '2020-07-31 11:19:00.000Z',
  ...changes,
});

describe('the comparison of both sides', () => {
  it('finds nothing to say about equal sides', () => {
    expect(compare([contact()], [profile()], PAIRS)).toEqual([]);
  });

  it('takes a nested field under its full name too', () => {
    const flat = (city: string) => [profile({ location: undefined, 'location.city': city })];

    expect(compare([contact()], flat('Łódź'), PAIRS)).toEqual([]);
    expect(compare([contact()], flat('Lodz'), PAIRS)).toEqual([{ id: ID, kind: 'different', field: 'location.city' }]);
  });

  it('leaves profiles without an external ID alone', () => {
    expect(compare([], [profile({ externalId: '' })], PAIRS)).toEqual([]);
  });

  it('names a contact that has no profile', () => {
    expect(compare([contact()], [], PAIRS)).toEqual([{ id: ID, kind: 'missing' }]);
  });

  it('names a profile whose contact is gone', () => {
    expect(compare([], [profile()], PAIRS)).toEqual([{ id: ID, kind: 'surplus' }]);
  });

  it('names a contact that has two profiles', () => {
    expect(compare([contact()], [profile(), profile()], PAIRS)).toEqual([{ id: ID, kind: 'doubled' }]);
  });

  it.each([
    ['firstName', { firstName: 'ada' }],
    ['birthDate', { birthDate: '1969-06-04' }],
    ['gender', { gender: 'male' }],
    ['gender', { gender: 'unknown' }],
    ['location.city', { location: { city: 'Lodz' } }],
    ['location.city', { location: null }],
    ['cusLastVisit', { cusLastVisit: '2020-07-31 11:19:01.000Z' }],
    ['cusLastVisit', { cusLastVisit: '' }],
  ])('names the field %s when it holds %j', (field, changes) => {
    expect(compare([contact()], [profile(changes)], PAIRS)).toEqual([{ id: ID, kind: 'different', field }]);
  });

  it.each([
    [{ firstname: null }, { firstName: '' }],
    [{ birthdate: null }, { birthDate: '' }],
    [{ gendercode: null }, { gender: 'unknown' }],
    [{ address1_city: null }, { location: {} }],
  ])("takes Campaign's empty values for null: %j", (source, target) => {
    expect(compare([contact(source)], [profile(target)], PAIRS)).toEqual([]);
  });

  it('does not take a value for the null that stands in Dynamics 365', () => {
    expect(compare([contact({ firstname: null })], [profile()], PAIRS)).toMatchObject([{ field: 'firstName' }]);
  });
});
