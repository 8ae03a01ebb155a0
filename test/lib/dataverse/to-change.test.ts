import { toChange } from '../../../lib/dataverse/to-change';
import type { TableDescription } from '../../../lib/core/metadata';
import { ALLOW_OPTIONS, column, CONTACT, GENDER_OPTIONS } from '../../support/builders';

const gender = GENDER_OPTIONS.slice(0, 2);
const description: TableDescription = {
  table: CONTACT,
  columns: [
    column('firstname', 'string'),
    column('gendercode', 'choice', { options: gender }),
    column('new_hobbies', 'choices', { options: gender }),
    column('donotemail', 'boolean', { options: ALLOW_OPTIONS }),
    column('_parentcustomerid_value', 'lookup'),
    column('creditlimit', 'money'),
    column('birthdate', 'date'),
  ],
};
const FORMATTED = '@OData.Community.Display.V1.FormattedValue';
const change = (row: object) =>
  toChange({ contactid: 'ABCDEF00-0000-4000-8000-000000000001', ...row }, description, { initial: false });

describe('toChange', () => {
  it('holds the columns of the description that the row has, and nothing else', () => {
    expect(change({ firstname: 'Ada', birthdate: null, lastname: 'Lovelace', '@odata.etag': 'W/"1"' })).toEqual({
      change: 'upsert',
      reason: 'changed',
      table: 'contact',
      id: 'abcdef00-0000-4000-8000-000000000001',
      modifiedOn: null,
      initial: false,
      record: { firstname: 'Ada', birthdate: null },
      labels: {},
    });
  });

  it("takes the server's labels of choices and lookups", () => {
    const { record, labels } = change({
      gendercode: 2,
      [`gendercode${FORMATTED}`]: 'Weiblich',
      _parentcustomerid_value: 'some-guid',
      [`_parentcustomerid_value${FORMATTED}`]: 'Contoso',
    });
    expect(record).toEqual({ gendercode: 2, _parentcustomerid_value: 'some-guid' });
    expect(labels).toEqual({ gendercode: 'Weiblich', _parentcustomerid_value: 'Contoso' });
  });

  it('falls back to the labels of the metadata', () => {
    expect(change({ gendercode: 1, new_hobbies: '1,2,9', donotemail: true }).labels).toEqual({
      gendercode: 'Male',
      new_hobbies: 'Male; Female; 9',
      donotemail: 'Do Not Allow',
    });
  });

  it('takes no label of money or dates, nor of nothing', () => {
    const row = {
      creditlimit: 20000,
      [`creditlimit${FORMATTED}`]: '$20,000.00',
      gendercode: null,
      birthdate: '1815-12-10',
    };
    expect(change(row)).toMatchObject({
      labels: {},
      record: { creditlimit: 20000, gendercode: null, birthdate: '1815-12-10' },
    });
  });

  it.each([
    ['2026-11-21T16:30:00Z', '2026-11-21T16:30:00Z'],
    ['2026-11-21T17:30:00+01:00', '2026-11-21T16:30:00.000Z'],
    ['yesterday', null],
    [undefined, null],
    [null, null],
  ])('reads modifiedon %p as %p', (modifiedon, expected) => {
    expect(change({ modifiedon }).modifiedOn).toBe(expected);
  });

  it('marks the rows of a full load', () => {
    expect(toChange({ contactid: 'x' }, description, { initial: true }).initial).toBe(true);
  });
});
