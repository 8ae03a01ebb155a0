import { unknownColumnIn, unknownColumns, unknownFieldIn, unknownFields } from '../../../lib/core/unknown-column';

const table = { name: 'contact', label: 'Contact' };
const candidates = [
  { name: 'firstname', label: 'First Name' },
  { name: 'lastname', label: 'Last Name' },
];
const then = 'Choose again.';

describe('an unknown column', () => {
  it('is named with its table, the nearest column, the cause and what to do', () => {
    const { code, message, hint } = unknownColumns(table, ['firstnam'], { candidates, then });
    expect([code, message, hint]).toEqual([
      'UNKNOWN_COLUMN',
      'The table "Contact" (contact) has no column "firstnam" that could be read. Did you mean "firstname"?',
      'It may have been renamed or removed in Dynamics 365, or the application user may not read it. Choose again.',
    ]);
  });

  it('is named with every other one, and each nearest name with the one that it could replace', () => {
    const { message, hint } = unknownColumns(table, ['firstnam', 'zip', 'Last  Name'], { candidates, then });
    expect(message).toBe(
      'The table "Contact" (contact) has no column "firstnam", "zip", "Last  Name" that could be read. ' +
        'Did you mean "firstname" instead of "firstnam", "lastname" instead of "Last  Name"?',
    );
    expect(hint).toMatch(/^They may have been renamed/);
  });

  it.each([
    [undefined, 'The table has no column "zip".'],
    [{ name: 'contact' }, 'The table "contact" has no column "zip".'],
    [{ name: 'contact', label: 'contact' }, 'The table "contact" has no column "zip".'],
  ])('is named without what is not known (%j)', (known, message) => {
    expect(unknownColumns(known, ['zip'], { cause: 'It was renamed.', then })).toMatchObject({
      message,
      hint: 'It was renamed. Choose again.',
    });
  });

  it('is the problem of its line', () => {
    expect(unknownColumnIn('Line 3', table, 'lastnam', { candidates, then })).toEqual({
      where: 'Line 3',
      code: 'UNKNOWN_COLUMN',
      message: 'the table "contact" has no readable column "lastnam". Did you mean "lastname"?',
      hint: 'It may have been renamed or removed in Dynamics 365, or the application user may not read it. Choose again.',
    });
  });
});

describe('an unknown field', () => {
  it('is named with its resource, the nearest field, the cause and what to do', () => {
    const resource = { name: 'profile', label: 'Profiles' };
    expect(unknownFields(resource, ['firstnam'], { candidates, then })).toMatchObject({
      code: 'UNKNOWN_FIELD',
      message: 'The resource "Profiles" (profile) has no field "firstnam". Did you mean "firstname"?',
      hint: 'It may have been renamed or removed in Campaign. Choose again.',
    });
    expect(unknownFieldIn('Line 3', resource, 'zip', { candidates, then }).message).toBe(
      'the Campaign resource "profile" has no field "zip".',
    );
  });
});
