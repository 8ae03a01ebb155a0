import { choice, column, commonColumns, flag, lookup, text, type TableDefinition } from '../schema';
import { contact } from './contact';

const account: TableDefinition = {
  name: 'account',
  setName: 'accounts',
  schemaName: 'Account',
  label: 'Account',
  pluralLabel: 'Accounts',
  objectTypeCode: 1,
  primaryId: 'accountid',
  primaryName: 'name',
  changeTracking: true,
  custom: false,
  keys: [{ name: 'accountnumber_key', columns: ['accountnumber'], status: 'Active' }],
  columns: [
    column('accountid', 'guid', 'Account'),
    text('name', 'Account Name', 160, { required: true }),
    text('accountnumber', 'Account Number', 20),
    text('telephone1', 'Main Phone', 50, { format: 'Phone' }),
    text('emailaddress1', 'Email', 100, { format: 'Email' }),
    text('websiteurl', 'Website', 200, { format: 'Url' }),
    column('description', 'memo', 'Description', { maxLength: 2_000 }),
    choice('industrycode', 'Industry', [
      'Accounting',
      'Agriculture',
      'Broadcasting',
      'Brokers',
      'Consulting',
      'Retail',
    ]),
    column('revenue', 'money', 'Annual Revenue', { min: -100_000_000_000_000, max: 100_000_000_000_000 }),
    column('numberofemployees', 'integer', 'Number of Employees', { min: 0, max: 1_000_000_000 }),
    flag('donotemail', 'Do not allow Emails', 'Do Not Allow', 'Allow'),
    lookup('primarycontactid', 'Primary Contact', { contact: 'primarycontactid' }),
    text('address1_city', 'Address 1: City', 80),
    text('address1_country', 'Address 1: Country/Region', 80),
    ...commonColumns(),
  ],
};

const membership: TableDefinition = {
  name: 'new_membership',
  setName: 'new_memberships',
  schemaName: 'new_Membership',
  label: 'Membership',
  pluralLabel: 'Memberships',
  objectTypeCode: 10_301,
  primaryId: 'new_membershipid',
  primaryName: 'new_name',
  changeTracking: true,
  custom: true,
  keys: [{ name: 'new_number_key', columns: ['new_number'], status: 'Active' }],
  columns: [
    column('new_membershipid', 'guid', 'Membership'),
    text('new_name', 'Name', 100, { required: true }),
    text('new_number', 'Membership Number', 20),
    choice('new_level', 'Level', ['Basic', 'Plus', 'Premium']),
    column('new_startdate', 'date', 'Start Date'),
    column('new_enddate', 'date', 'End Date'),
    column('new_fee', 'money', 'Fee', { min: 0, max: 1_000_000_000 }),
    flag('new_autorenew', 'Renews Automatically', 'Yes', 'No'),
    lookup('new_contactid', 'Contact', { contact: 'new_ContactId' }, { schemaName: 'new_ContactId' }),
    ...commonColumns(),
  ],
};

const purchase: TableDefinition = {
  name: 'new_purchase',
  setName: 'new_purchases',
  schemaName: 'new_Purchase',
  label: 'Purchase',
  pluralLabel: 'Purchases',
  objectTypeCode: 10_302,
  primaryId: 'new_purchaseid',
  primaryName: 'new_name',
  changeTracking: true,
  custom: true,
  keys: [],
  columns: [
    column('new_purchaseid', 'guid', 'Purchase'),
    text('new_name', 'Name', 100, { required: true }),
    column('new_amount', 'money', 'Amount', { min: -1_000_000_000, max: 1_000_000_000 }),
    column('new_quantity', 'integer', 'Quantity', { min: 0, max: 1_000_000 }),
    column('new_purchasedon', 'datetime', 'Purchased On'),
    choice('new_channel', 'Channel', ['Shop', 'Web', 'Phone']),
    lookup(
      'new_membershipid',
      'Membership',
      { new_membership: 'new_MembershipId' },
      { schemaName: 'new_MembershipId' },
    ),
    ...commonColumns(),
  ],
};

const task: TableDefinition = {
  name: 'task',
  setName: 'tasks',
  schemaName: 'Task',
  label: 'Task',
  pluralLabel: 'Tasks',
  objectTypeCode: 4_212,
  primaryId: 'activityid',
  primaryName: 'subject',
  changeTracking: false,
  custom: false,
  activity: true,
  keys: [],
  columns: [
    column('activityid', 'guid', 'Task'),
    text('subject', 'Subject', 200, { required: true }),
    column('description', 'memo', 'Description', { maxLength: 2_000 }),
    column('scheduledend', 'datetime', 'Due Date'),
    column('prioritycode', 'choice', 'Priority', {
      defaultValue: 1,
      options: ['Low', 'Normal', 'High'].map((label, value) => ({ value, label })),
    }),
    lookup('regardingobjectid', 'Regarding', {
      contact: 'regardingobjectid_contact_task',
      account: 'regardingobjectid_account_task',
    }),
    ...commonColumns('Completed'),
  ],
};

const helper = (
  name: string,
  setName: string,
  label: string,
  objectTypeCode: number,
  primaryName: string,
  columns: TableDefinition['columns'],
): TableDefinition => ({
  name,
  setName,
  schemaName: label.replaceAll(' ', ''),
  label,
  pluralLabel: `${label}s`,
  objectTypeCode,
  primaryId: `${name}id`,
  primaryName,
  changeTracking: false,
  custom: false,
  keys: [],
  columns: [column(`${name}id`, 'guid', label), ...columns],
});

/** The tables of a fresh sandbox. */
export const TABLES: readonly TableDefinition[] = [
  account,
  contact,
  membership,
  purchase,
  task,
  helper('systemuser', 'systemusers', 'User', 8, 'fullname', [
    text('fullname', 'Full Name', 200),
    text('internalemailaddress', 'Primary Email', 100, { format: 'Email' }),
  ]),
  helper('transactioncurrency', 'transactioncurrencies', 'Currency', 9_105, 'currencyname', [
    text('currencyname', 'Currency Name', 100),
    text('isocurrencycode', 'Currency Code', 5),
  ]),
];

/** Owner and currency of every seeded row. */
export const OWNER_ID = '0a1b2c3d-0000-4000-8000-000000000001';
export const CURRENCY_ID = '0a1b2c3d-0000-4000-8000-000000000002';
