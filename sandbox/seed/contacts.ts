import type { Row, Value } from '../dataverse/schema';
import { CURRENCY_ID, OWNER_ID } from '../dataverse/tables/index';
import { makeBad, type Badness } from './bad';
import { JOBS, LOCALES, ODD_NAMES, ODD_NOTES } from './people';
import { createRandom, seededGuid, type Random } from './random';

const DAY = 86_400_000;
const days = new Map<number, string>();
/** `yyyy-mm-dd` of a day since 1970; kept, because a million rows share a few ten thousand days. */
export function dayText(day: number): string {
  let text = days.get(day);
  if (text === undefined) {
    text = new Date(day * DAY).toISOString().slice(0, 10);
    days.set(day, text);
  }
  return text;
}

/** A moment, whole seconds, `T...Z`; one of 1,440 a day, so that rows share the texts. */
export function momentText(random: Random, fromDay: number, toDay: number): string {
  const minute = random.int(0, 1_439);
  const hours = String(Math.floor(minute / 60)).padStart(2, '0');
  return `${dayText(random.int(fromDay, toDay))}T${hours}:${String(minute % 60).padStart(2, '0')}:00Z`;
}

/** No seeded row was changed after this moment (ms). */
export const NEWEST_SEED = 20_424 * DAY;
const FROM = 17_897; // 2019-01-01
const TO = 20_423; // 2025-12-01
const BORN_FROM = -14_610; // 1930-01-01
const BORN_TO = 13_879; // 2008-01-01
const INTERESTS = ['1', '2', '3', '2,3', '4,5', '1,6,8', '2,3,7,8', '1,2,3,4,5,6,7,8'];
const SEGMENTS = [100_000_000, 100_000_001, 100_000_002];
export const CONTACT_TABLE = 1;
export const ACCOUNT_TABLE = 2;

/** Id of the contact in row `index` of a seeded table. */
export const contactId = (seed: number, index: number): string => seededGuid(seed, CONTACT_TABLE, index);

/**
 * A contact that is a function of the seed and its index alone: the first rows of a large table are those of a small one.
 *
 * @param accounts number of seeded accounts, for the parent company
 * @param badness how it is bad for Campaign; undefined: every value can be taken as it is
 */
export function seedContact(seed: number, index: number, accounts: number, badness: Badness | undefined): Row {
  const random = createRandom(seed, index);
  const locale = random.pick(LOCALES);
  const [givenName, gender] = random.pick(locale.first);
  const odd = random.chance(0.03);
  const firstname = random.chance(0.02) ? null : odd && random.chance(0.5) ? random.pick(ODD_NAMES) : givenName;
  const lastname = odd ? random.pick(ODD_NAMES) : random.pick(locale.last);
  const [city, postalCode, region] = random.pick(locale.cities);
  const number = String(random.int(1_000_000, 9_999_999));
  const or = <T extends Value>(probability: number, value: () => T): T | null =>
    random.chance(probability) ? value() : null;
  const vip = random.chance(0.1);
  const segment = vip || random.chance(0.7) ? random.pick(SEGMENTS) : null;
  const active = !random.chance(0.05);
  const created = momentText(random, FROM, TO - 400);
  const modified = random.chance(0.3) ? created : momentText(random, TO - 399, TO);

  const row: Record<string, Value> = {
    contactid: contactId(seed, index),
    salutation: or(0.3, () => random.pick(['Herr', 'Frau', 'Dr.', 'Mme', 'Ms.'])),
    firstname,
    middlename: or(0.1, () => random.pick(['K.', 'Maria', 'de la'])),
    lastname,
    jobtitle: or(0.4, () => random.pick(JOBS)),
    emailaddress1: or(0.93, () => `person.${index}.${number.slice(0, 3)}@${locale.domain}`),
    emailaddress2: or(0.1, () => `private+${index}@mail.example`),
    telephone1: or(0.5, () => `${locale.phone} ${number}`),
    mobilephone: or(0.6, () => `${locale.phone} 1${number}`),
    fax: null,
    websiteurl: or(0.05, () => `https://www.${locale.domain}/?id=${index}&x=%20`),
    description: or(0.1, () => random.pick(ODD_NOTES)),
    birthdate: or(0.7, () => dayText(random.int(BORN_FROM, BORN_TO))),
    anniversary: or(0.2, () => dayText(random.int(FROM, TO))),
    gendercode: or(0.85, () => gender),
    familystatuscode: or(0.4, () => random.int(1, 4)),
    preferredcontactmethodcode: random.int(1, 5),
    new_segment: segment,
    new_interests: or(0.5, () => random.pick(INTERESTS)),
    numberofchildren: or(0.5, () => random.int(0, 5)),
    new_points: or(0.8, () =>
      random.pick([0, -1, 17, 250, 99_999, 2_147_483_647, -2_147_483_648, random.int(0, 100_000)]),
    ),
    new_visits: or(0.8, () => random.int(0, 2_000_000_000)),
    new_discount: or(0.5, () => random.int(0, 9_999) / 100),
    new_rating: or(0.5, () => random.int(0, 50) / 10),
    creditlimit: or(0.4, () => random.int(0, 1_000_000) / 100),
    creditonhold: random.chance(0.02),
    new_vip: vip,
    donotemail: random.chance(0.08),
    donotbulkemail: random.chance(0.12),
    donotphone: random.chance(0.1),
    donotfax: random.chance(0.3),
    donotpostalmail: random.chance(0.1),
    donotbulkpostalmail: random.chance(0.1),
    donotsendmm: random.chance(0.1),
    followemail: !random.chance(0.1),
    new_lastvisit: or(0.6, () => momentText(random, FROM, TO)),
    new_loyaltynumber: or(0.6, () => `L${seed % 1_000}-${index}`),
    new_contactnumber: `C-${seed % 1_000}-${index}`,
    new_blockreason: or(0.03, () => random.pick(['Complaint', 'Bankruptcy'])),
    new_internalcode: or(0.05, () => ''),
    parentcustomerid: accounts > 0 ? or(0.6, () => seededGuid(seed, ACCOUNT_TABLE, random.int(0, accounts - 1))) : null,
    transactioncurrencyid: CURRENCY_ID,
    address1_line1: or(0.8, () => `${random.pick(locale.streets)} ${random.int(1, 199)}`),
    address1_line2: or(0.1, () => 'c/o Reception'),
    address1_line3: null,
    address1_postalcode: or(0.8, () => postalCode),
    address1_city: or(0.85, () => city),
    address1_stateorprovince: region,
    address1_country: or(0.9, () => locale.country),
    address1_latitude: or(0.2, () => random.int(-90_000, 90_000) / 1_000),
    statecode: active ? 0 : 1,
    statuscode: active ? 1 : 2,
    ownerid: OWNER_ID,
    createdon: created,
    modifiedon: modified,
  };
  if (badness) makeBad(row, badness, index);
  return row;
}
