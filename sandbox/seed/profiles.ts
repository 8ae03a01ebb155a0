import type { FieldValue } from '../campaign/schema';
import type { Row } from '../dataverse/schema';
import { TAKEN_LOYALTY_NUMBER } from './bad';
import { LOCALES } from './people';
import { createRandom } from './random';

/** A profile that some other system made. Its loyalty number is the one that `duplicate-unique` contacts have. */
export function foreignProfile(): Record<string, FieldValue> {
  return {
    externalId: 'SHOP-1',
    firstName: 'Foreign',
    lastName: 'Profile',
    email: 'foreign.profile@shop.example',
    cusLoyaltyNumber: TAKEN_LOYALTY_NUMBER,
    created: '2020-01-01 00:00:00.000Z',
  };
}

/** The profile of a contact, as an earlier load would have made it. */
export function profileOf(row: Row): Record<string, FieldValue> {
  const text = (key: string, length: number): string => String(row[key] ?? '').slice(0, length);
  return {
    externalId: String(row['contactid']),
    firstName: text('firstname', 30),
    lastName: text('lastname', 50),
    email: text('emailaddress1', 128),
    birthDate: text('birthdate', 10),
    gender: ({ 1: 'male', 2: 'female' } as Record<string, string>)[String(row['gendercode'])] ?? 'unknown',
    mobilePhone: text('mobilephone', 32),
    'location.city': text('address1_city', 128),
    blackListEmail: row['donotemail'] === true,
    created: '2025-12-02 00:00:00.000Z',
  };
}

/** A profile without a contact. */
export function seedProfile(seed: number, index: number): Record<string, FieldValue> {
  const random = createRandom(seed + 6, index);
  const locale = random.pick(LOCALES);
  const [firstName, gender] = random.pick(locale.first);
  return {
    externalId: `P-${seed}-${index}`,
    firstName,
    lastName: random.pick(locale.last),
    email: `profile.${index}@${locale.domain}`,
    gender: gender === 1 ? 'male' : 'female',
    blackListEmail: random.chance(0.1),
    created: '2025-12-02 00:00:00.000Z',
  };
}
