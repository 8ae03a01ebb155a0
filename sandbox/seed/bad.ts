import type { Row, Value } from '../dataverse/schema';

/** The ways in which a contact can be bad for Campaign (sandbox/README.md has the table with what Campaign answers). */
export const BADNESSES = [
  'text-too-long',
  'integer-out-of-range',
  'date-invalid',
  'enumeration-unknown',
  'email-refused',
  'business-rule',
  'duplicate-unique',
  'mandatory-missing',
] as const;
export type Badness = (typeof BADNESSES)[number];

/** The loyalty number that a profile of Campaign's own has already (see `foreignProfile`). */
export const TAKEN_LOYALTY_NUMBER = 'TAKEN-0001';
const LAST_DAY = '9999-12-30';

/** How the `index`-th row is bad when one row in `every` is to be, each way in turn. */
export function badnessAt(index: number, every: number | undefined): Badness | undefined {
  if (every === undefined || every < 1 || index % every !== every - 1) return undefined;
  return BADNESSES[Math.floor(index / every) % BADNESSES.length];
}

/** Makes a good contact bad in one way. */
export function makeBad(row: Record<string, Value>, badness: Badness, index: number): void {
  switch (badness) {
    case 'text-too-long':
      row['firstname'] = 'Wolfeschlegelsteinhausenbergerdorffwelche'.slice(0, 41);
      return;
    case 'integer-out-of-range':
      row['new_visits'] = 3_000_000_000 + index;
      return;
    case 'date-invalid':
      row['birthdate'] = LAST_DAY;
      return;
    case 'enumeration-unknown':
      row['gendercode'] = 3;
      return;
    case 'email-refused':
      row['emailaddress1'] = `person.${index}@localhost`;
      return;
    case 'business-rule':
      row['new_blockreason'] = 'LEGAL HOLD';
      return;
    case 'duplicate-unique':
      row['new_loyaltynumber'] = TAKEN_LOYALTY_NUMBER;
      return;
    case 'mandatory-missing':
      row['new_vip'] = true;
      row['new_segment'] = null;
  }
}

/** How a contact is bad for Campaign as it stands now; undefined for a good one. Told in the dump only. */
export function badnessOf(row: Row): Badness | undefined {
  const email = row['emailaddress1'];
  if (typeof row['firstname'] === 'string' && row['firstname'].length > 30) return 'text-too-long';
  if (typeof row['new_visits'] === 'number' && row['new_visits'] > 2_147_483_647) return 'integer-out-of-range';
  if (row['birthdate'] === LAST_DAY) return 'date-invalid';
  if (row['gendercode'] === 3) return 'enumeration-unknown';
  if (typeof email === 'string' && email.endsWith('@localhost')) return 'email-refused';
  if (row['new_blockreason'] === 'LEGAL HOLD') return 'business-rule';
  if (row['new_loyaltynumber'] === TAKEN_LOYALTY_NUMBER) return 'duplicate-unique';
  if (row['new_vip'] === true && row['new_segment'] === null) return 'mandatory-missing';
  return undefined;
}
