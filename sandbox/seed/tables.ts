import type { Row } from '../dataverse/schema';
import { OWNER_ID } from '../dataverse/tables/index';
import { ACCOUNT_TABLE, CONTACT_TABLE, contactId, dayText, momentText } from './contacts';
import { COMPANY_WORDS, LOCALES } from './people';
import { createRandom, seededGuid, type Random } from './random';

const MEMBERSHIP_TABLE = 3;
const PURCHASE_TABLE = 4;
const TASK_TABLE = 5;

/** Number of each table in the making of ids. */
export const TABLE_NUMBERS: Readonly<Record<string, number>> = {
  contact: CONTACT_TABLE,
  account: ACCOUNT_TABLE,
  new_membership: MEMBERSHIP_TABLE,
  new_purchase: PURCHASE_TABLE,
  task: TASK_TABLE,
};
const FROM = 17_897; // 2019-01-01
const TO = 20_423; // 2025-12-01

/** How many rows of the tables exist that a seeded row may point to. */
export interface Counts {
  readonly contacts: number;
  readonly memberships: number;
}

const common = (random: Random): Row => {
  const created = momentText(random, FROM, TO);
  return { statecode: 0, statuscode: 1, ownerid: OWNER_ID, createdon: created, modifiedon: created };
};

/** Makers of the rows of each table but contact; each row is a function of the seed and its index alone. */
export const MAKERS: Readonly<Record<string, (seed: number, index: number, counts: Counts) => Row>> = {
  account(seed, index) {
    const random = createRandom(seed + 2, index);
    const locale = random.pick(LOCALES);
    return {
      accountid: seededGuid(seed, ACCOUNT_TABLE, index),
      name: `${random.pick(COMPANY_WORDS)} ${random.pick(['GmbH', 'Ltd.', 'S.A.', '株式会社', 'Inc.'])} ${index}`,
      accountnumber: `A-${seed % 1_000}-${index}`,
      telephone1: `${locale.phone} ${random.int(100_000, 999_999)}`,
      emailaddress1: `office.${index}@${locale.domain}`,
      websiteurl: `https://www.${locale.domain}/`,
      description: null,
      industrycode: random.int(1, 6),
      revenue: random.int(0, 1_000_000_000) / 100,
      numberofemployees: random.int(1, 50_000),
      donotemail: random.chance(0.1),
      primarycontactid: null,
      address1_city: random.pick(locale.cities)[0],
      address1_country: locale.country,
      ...common(random),
    };
  },
  new_membership(seed, index, { contacts }) {
    const random = createRandom(seed + 3, index);
    const start = random.int(FROM, TO);
    return {
      new_membershipid: seededGuid(seed, MEMBERSHIP_TABLE, index),
      new_name: `Membership ${index}`,
      new_number: `M-${seed % 1_000}-${index}`,
      new_level: random.int(1, 3),
      new_startdate: dayText(start),
      new_enddate: random.chance(0.5) ? dayText(start + 365) : null,
      new_fee: random.int(0, 20_000) / 100,
      new_autorenew: random.chance(0.5),
      new_contactid: contacts > 0 ? contactId(seed, random.int(0, contacts - 1)) : null,
      ...common(random),
    };
  },
  new_purchase(seed, index, { memberships }) {
    const random = createRandom(seed + 4, index);
    return {
      new_purchaseid: seededGuid(seed, PURCHASE_TABLE, index),
      new_name: `Purchase ${index}`,
      new_amount: random.int(-5_000, 500_000) / 100,
      new_quantity: random.int(1, 20),
      new_purchasedon: momentText(random, FROM, TO),
      new_channel: random.int(1, 3),
      new_membershipid: memberships > 0 ? seededGuid(seed, MEMBERSHIP_TABLE, random.int(0, memberships - 1)) : null,
      ...common(random),
    };
  },
  task(seed, index, { contacts }) {
    const random = createRandom(seed + 5, index);
    return {
      activityid: seededGuid(seed, TASK_TABLE, index),
      subject: `Call back no. ${index}`,
      description: null,
      scheduledend: momentText(random, FROM, TO),
      prioritycode: random.int(0, 2),
      regardingobjectid: contacts > 0 ? contactId(seed, random.int(0, contacts - 1)) : null,
      ...common(random),
    };
  },
};
