import { sameFieldValue } from '../../../lib/campaign/field-equality';
import type { TargetValue } from '../../../lib/core/change';
import type { FieldType } from '../../../lib/core/metadata';

type Row = [type: FieldType, campaign: unknown, ours: TargetValue];

describe('sameFieldValue', () => {
  it.each<Row>([
    ['string', '', null],
    ['string', null, ''],
    ['string', undefined, null],
    ['string', '12', 12],
    ['enumeration', 'female', 'female'],
    ['enumeration', 1, '1'],
    ['integer', 0, null],
    ['integer', '12', 12],
    ['integer', '007', '7'],
    ['integer', '9007199254740993', '9007199254740993'],
    ['double', 1.5, '1.50'],
    ['double', 0, ''],
    ['float', 0.10000000149011612, 0.1],
    ['boolean', false, null],
    ['boolean', 'true', true],
    ['boolean', 1, 'true'],
    ['date', '', null],
    ['date', '1969-06-03', '1969-06-03'],
    ['date', '1969-06-03 00:00:00.000Z', '1969-06-03'],
    ['datetime', '2020-07-31 11:19:00.304Z', '2020-07-31T11:19:00.304Z'],
    ['datetime', '2020-07-31 11:19:00.000Z', '2020-07-31T11:19:00Z'],
    ['datetime', '2020-07-31 11:19:00', '2020-07-31T13:19:00+02:00'],
    ['datetime', '2020-07-31', '2020-07-31T00:00:00Z'],
    ['datetime', '', null],
    ['link', null, null],
  ])('takes %s %j in Campaign and our %j as one value', (type, campaign, ours) => {
    expect(sameFieldValue({ type }, campaign, ours)).toBe(true);
  });

  it.each<Row>([
    ['string', 'anna', 'Anna'],
    ['string', 'Anna ', 'Anna'],
    ['string', { PKey: '@x' }, 'Anna'],
    ['string', '0', null],
    ['string', 'false', ''],
    ['enumeration', 'male', 'Male'],
    ['enumeration', 'unknown', null],
    ['integer', 1, null],
    ['integer', 9007199254740992, '9007199254740993'],
    ['integer', '9007199254740992', '9007199254740993'],
    ['integer', 'abc', 'abd'],
    ['integer', NaN, 1],
    ['double', 0.10000000149011612, 0.1],
    ['double', 'abc', 0],
    ['float', 0.1, 0.2],
    ['boolean', true, null],
    ['boolean', 'perhaps', false],
    ['boolean', 2, true],
    ['date', '1969-06-03', null],
    ['date', '1969-06-03', '1969-06-04'],
    ['date', '1969-06-03 23:00:00.000Z', '1969-06-03'],
    ['date', 'soon', 'later'],
    ['datetime', '2020-07-31 11:19:00.304Z', '2020-07-31 11:19:00.305Z'],
    ['datetime', '2020-07-31 11:19:00.304Z', null],
    ['datetime', 'soon', 'later'],
    ['datetime', '2020-13-45', '2020-13-46'],
    ['link', { PKey: '@x' }, '@x'],
  ])('tells %s %j in Campaign from our %j', (type, campaign, ours) => {
    expect(sameFieldValue({ type }, campaign, ours)).toBe(false);
  });

  it.each(['email', 'smartCase', 'lowerCase', 'upperCase'])(
    'forgives what Campaign itself changes under the data policy %s',
    (dataPolicy) => {
      expect(sameFieldValue({ type: 'string', dataPolicy }, 'Anna-Lena', ' anna-LENA ')).toBe(true);
      expect(sameFieldValue({ type: 'string', dataPolicy }, 'Anna-Lena', 'Anna-Lina')).toBe(false);
      expect(sameFieldValue({ type: 'string', dataPolicy }, '', null)).toBe(true);
      expect(sameFieldValue({ type: 'string', dataPolicy }, {}, '[object object]')).toBe(false);
    },
  );

  it.each([
    ['upperCase', 'STRASSE', 'Straße'],
    ['upperCase', 'STRAßE', 'Straße'],
    ['upperCase', 'İSTANBUL', 'İstanbul'],
    ['upperCase', 'FISCHER', 'ﬁscher'],
    ['lowerCase', 'i̇stanbul', 'İstanbul'],
    ['lowerCase', 'istanbul', 'İstanbul'],
    ['lowerCase', 'straße', 'STRAẞE'],
    ['lowerCase', 'οδος', 'ΟΔΟΣ'],
    ['lowerCase', 'οδοσ', 'ΟΔΟΣ'],
    ['email', 'i̇rem@example.org', 'İrem@example.org'],
    ['smartCase', 'İstanbul', 'İSTANBUL'],
    ['smartCase', 'I\u0307stanbul', 'İstanbul'],
    ['smartCase', 'Große Straße', 'GROßE STRAßE'],
    ['smartCase', 'SSara', 'ßara'],
  ])(
    'takes under %s what Campaign makes of letters whose other case has another length: %s of %s',
    (dataPolicy, campaign, ours) => {
      expect(sameFieldValue({ type: 'string', dataPolicy }, campaign, ours)).toBe(true);
    },
  );

  it.each([
    ['smartCase', 'Strasse', 'Straße'],
    ['lowerCase', 'strasse', 'straße'],
    ['email', 'strasse@example.org', 'straße@example.org'],
    ['lowerCase', 'ilgaz', 'ılgaz'],
    ['upperCase', 'STRASE', 'Straße'],
  ])('loses under %s no change that Campaign keeps: %s and %s', (dataPolicy, campaign, ours) => {
    expect(sameFieldValue({ type: 'string', dataPolicy }, campaign, ours)).toBe(false);
  });

  describe('an enumeration that is emptied', () => {
    const entries = (...names: string[]) => ({
      type: 'enumeration' as const,
      values: names.map((name) => ({ name, label: name })),
    });

    it.each([null, ''])('by %j is not written again where Campaign shows its entry for "no value"', (ours) => {
      expect(sameFieldValue(entries('unknown', 'male'), 'unknown', ours)).toBe(true);
      expect(sameFieldValue(entries('none', 'gold'), 'none', ours)).toBe(true);
      expect(sameFieldValue(entries('none', 'gold'), '', ours)).toBe(true);
    });

    it('is written where Campaign has a value: a first entry may be one, too', () => {
      expect(sameFieldValue(entries('unknown', 'male'), 'male', null)).toBe(false);
      expect(sameFieldValue(entries('bronze', 'gold'), 'bronze', null)).toBe(false);
      expect(sameFieldValue(entries('gold', 'none'), 'none', null)).toBe(false);
      expect(sameFieldValue(entries('unknown', 'male'), 'unknown', 'male')).toBe(false);
    });
  });

  it.each(['', 'phone', 'somethingNew'])('compares text as it is under any other data policy (%j)', (dataPolicy) => {
    expect(sameFieldValue({ type: 'string', dataPolicy }, 'Anna', 'anna')).toBe(false);
  });

  it('compares a field without metadata by the type of our value', () => {
    expect(sameFieldValue(undefined, '12', 12)).toBe(true);
    expect(sameFieldValue(undefined, 'true', true)).toBe(true);
    expect(sameFieldValue(undefined, undefined, null)).toBe(true);
    expect(sameFieldValue(undefined, 'a', 'b')).toBe(false);
  });
});
