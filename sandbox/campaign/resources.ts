import { field, text, type FieldDefinition, type ResourceDefinition } from './schema';

/** The fixed set of opt-out fields, with Adobe's labels, and the field that keeps when each was changed. */
const OPT_OUTS: readonly (readonly [name: string, label: string, stampedBy: string | undefined])[] = [
  ['blackList', 'No longer contact (by any channel)', 'blackListLastModified'],
  ['blackListEmail', 'No longer contact by email', 'blackListEmailLastModified'],
  ['blackListFax', 'No longer contact by fax', 'blackListFaxLastModified'],
  ['blackListMobile', 'No longer contact by SMS', 'blackListMobileLastModified'],
  ['blackListPhone', 'No longer contact by phone', 'blackListPhoneLastModified'],
  ['blackListPostalMail', 'No longer contact by direct mail', 'blackListPostalMailLastModified'],
  // There is no attribute time for push notifications.
  ['blackListPushnotification', 'No longer contact by push notification', undefined],
  ['ccpaOptOut', 'CCPA opt-out', 'ccpaOptOutLastModified'],
];

const optOutFields: FieldDefinition[] = [
  ...OPT_OUTS.map(([name, label, stampedBy]) => field(name, 'boolean', label, stampedBy ? { stampedBy } : {})),
  ...OPT_OUTS.flatMap(([, label, stampedBy]) =>
    stampedBy ? [field(stampedBy, 'datetime', `${label}: last modified`, { readOnly: true })] : [],
  ),
  field('blackListAllLastModified', 'datetime', 'Opt-outs: last modified', { readOnly: true }),
];

const times: FieldDefinition[] = [
  field('created', 'datetime', 'Created on', { readOnly: true }),
  field('lastModified', 'datetime', 'Last modified on', { readOnly: true }),
];

const profile: ResourceDefinition = {
  name: 'profile',
  label: 'Profiles',
  schema: 'nms:recipient',
  apis: ['profileAndServices', 'profileAndServicesExt'],
  key: 'externalId',
  fixedKey: false,
  filters: [{ name: 'ExternalId', field: 'externalId' }],
  links: [],
  fields: [
    text('externalId', 'External ID', 100, { unique: true }),
    text('salutation', 'Title', 20, { dataPolicy: 'smartCase' }),
    text('firstName', 'First name', 30),
    text('middleName', 'Middle name', 30),
    text('lastName', 'Last name', 50),
    text('email', 'Email', 128, { dataPolicy: 'email' }),
    field('birthDate', 'date', 'Birth date'),
    field('age', 'long', 'Age', { readOnly: true }),
    field('gender', 'enumeration', 'Gender', {
      values: [
        { name: 'unknown', label: 'Not specified' },
        { name: 'male', label: 'Male' },
        { name: 'female', label: 'Female' },
      ],
    }),
    field('emailFormat', 'enumeration', 'Email format', {
      values: [
        { name: 'unknown', label: 'Unknown' },
        { name: 'text', label: 'Text' },
        { name: 'html', label: 'HTML' },
      ],
    }),
    text('mobilePhone', 'Mobile', 32),
    text('phone', 'Phone', 32),
    text('fax', 'Fax', 32),
    text('preferredLanguage', 'Preferred language', 10),
    text('timeZone', 'Time zone', 64),
    text('location.address1', 'Address 1', 255),
    text('location.address2', 'Address 2', 255),
    text('location.address3', 'Address 3', 255),
    text('location.address4', 'Address 4', 255),
    text('location.city', 'City', 128),
    text('location.zipCode', 'Zip code', 32),
    text('location.stateCode', 'State', 64),
    text('location.countryCode', 'Country code', 64),
    ...optOutFields,
    ...times,
    text('cusLoyaltyNumber', 'Loyalty number', 20, { unique: true }),
    text('cusCompany', 'Company', 160),
    text('cusJobTitle', 'Job title', 100),
    field('cusNotes', 'memo', 'Notes', { length: 4_000 }),
    field('cusScore', 'long', 'Score'),
    field('cusChildren', 'short', 'Children'),
    field('cusVisits', 'long', 'Website visits'),
    field('cusDiscount', 'float', 'Discount'),
    field('cusRating', 'double', 'Rating'),
    field('cusCreditLimit', 'double', 'Credit limit'),
    field('cusVip', 'boolean', 'VIP'),
    field('cusSince', 'date', 'Customer since'),
    field('cusLastVisit', 'datetime', 'Last visit'),
    field('cusSegment', 'enumeration', 'Segment', {
      values: [
        { name: 'none', label: 'None' },
        { name: 'bronze', label: 'Bronze' },
        { name: 'silver', label: 'Silver' },
        { name: 'gold', label: 'Gold' },
      ],
    }),
    text('cusInterests', 'Interests', 255),
    text('cusBlocked', 'Block reason', 40),
  ],
};

const service: ResourceDefinition = {
  name: 'service',
  label: 'Services',
  schema: 'nms:service',
  apis: ['profileAndServices', 'profileAndServicesExt'],
  key: 'name',
  fixedKey: true,
  filters: [],
  links: [],
  fields: [
    text('name', 'ID', 64, { unique: true, mandatory: true }),
    text('label', 'Label', 128),
    text('description', 'Description', 255),
    ...times,
  ],
};

const membership: ResourceDefinition = {
  name: 'cusMembership',
  label: 'Memberships',
  schema: 'cus:membership',
  apis: ['profileAndServicesExt'],
  key: 'cusMembershipId',
  fixedKey: true,
  filters: [
    { name: 'MembershipId', field: 'cusMembershipId' },
    { name: 'ContactId', field: 'cusContactId' },
  ],
  links: [{ name: 'profile', label: 'Profile', target: 'profile', own: 'cusContactId', other: 'externalId' }],
  fields: [
    text('cusMembershipId', 'Membership ID', 36, { unique: true, mandatory: true }),
    text('cusContactId', 'Contact ID', 36),
    text('cusName', 'Name', 100),
    text('cusNumber', 'Number', 20),
    field('cusLevel', 'enumeration', 'Level', {
      values: [
        { name: 'none', label: 'None' },
        { name: 'basic', label: 'Basic' },
        { name: 'plus', label: 'Plus' },
        { name: 'premium', label: 'Premium' },
      ],
    }),
    field('cusStart', 'date', 'Start'),
    field('cusEnd', 'date', 'End'),
    field('cusFee', 'double', 'Fee'),
    field('cusAutoRenew', 'boolean', 'Renews automatically'),
    ...times,
  ],
};

const purchase: ResourceDefinition = {
  name: 'cusPurchase',
  label: 'Purchases',
  schema: 'cus:purchase',
  apis: ['profileAndServicesExt'],
  key: 'cusPurchaseId',
  fixedKey: true,
  filters: [
    { name: 'PurchaseId', field: 'cusPurchaseId' },
    { name: 'MembershipId', field: 'cusMembershipId' },
  ],
  links: [
    {
      name: 'membership',
      label: 'Membership',
      target: 'cusMembership',
      own: 'cusMembershipId',
      other: 'cusMembershipId',
    },
  ],
  fields: [
    text('cusPurchaseId', 'Purchase ID', 36, { unique: true, mandatory: true }),
    text('cusMembershipId', 'Membership ID', 36),
    text('cusName', 'Name', 100),
    field('cusAmount', 'double', 'Amount'),
    field('cusQuantity', 'long', 'Quantity'),
    field('cusPurchasedOn', 'datetime', 'Purchased on'),
    text('cusChannel', 'Channel', 20),
    ...times,
  ],
};

const store: ResourceDefinition = {
  name: 'cusStore',
  label: 'Stores',
  schema: 'cus:store',
  apis: ['customResources'],
  key: 'cusStoreId',
  fixedKey: true,
  filters: [{ name: 'StoreId', field: 'cusStoreId' }],
  links: [],
  fields: [
    text('cusStoreId', 'Store ID', 36, { unique: true, mandatory: true }),
    text('cusName', 'Name', 160),
    text('cusCity', 'City', 80),
    text('cusCountry', 'Country', 80),
    text('cusPhone', 'Phone', 32),
    field('cusEmployees', 'long', 'Employees'),
    field('cusRevenue', 'double', 'Revenue'),
    ...times,
  ],
};

/** The resources of a fresh sandbox. */
export const RESOURCES: readonly ResourceDefinition[] = [profile, service, membership, purchase, store];
