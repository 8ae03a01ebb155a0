/** What the systems hold. */
export interface Given {
  /** Ids of three contacts. */
  readonly contacts: readonly string[];
  /** Where the export files lie. */
  readonly folder: string;
}

/** Export files: one in order, one with a value that can't be read, one that is cut off. */
const HEADER = 'externalId;blackListEmail';
export const FILES: Readonly<Record<string, string>> = {
  'good.txt': `${HEADER}\nA;true\n`,
  'bad-row.txt': `${HEADER}\nB;perhaps\n`,
  'torn.txt': `${HEADER}\nC;tr`,
};

/** A node with three items: two that are in order, and one, the second, that is not. */
export interface Case {
  readonly parameters: Record<string, unknown>;
  items(given: Given): Record<string, unknown>[];
  /** What leaves each output: `good`, or the code of the fault. */
  readonly leaves: readonly (readonly string[])[];
  /** Credentials of the systems that it asks. */
  readonly uses: readonly string[];
  /** Those that the node has for other settings. */
  readonly besides?: readonly string[];
}

const CONTACT = { table: { __rl: true, mode: 'id', value: 'contact' } };
const PROFILE = { resource: { __rl: true, mode: 'id', value: 'profile' } };
const change = (id: string, record: object, more: object = {}) => ({
  change: 'upsert',
  reason: 'changed',
  table: 'contact',
  id,
  modifiedOn: '2026-11-21T16:30:00Z',
  initial: false,
  record,
  labels: {},
  ...more,
});
const rejected = { outcome: { status: 'rejected', code: 'TOO_LONG', engineCalls: 0 } };
const target = (id: string, fields: object) => ({
  target: {
    resource: 'profile',
    api: 'profileAndServicesExt',
    key: { field: 'externalId', value: id },
    fields,
    loadAndCreationFields: {},
    creationFields: {},
  },
});

/** A value that no earlier run has written. */
let values = 0;
const another = (value: string) => `${value} ${values++}`;

export const CASES: Readonly<Record<string, Case>> = {
  'Record Filter': {
    parameters: {
      ...CONTACT,
      conditions: { condition: [{ column: 'statecode|state', choiceComparison: 'equals', choiceValue: '0' }] },
    },
    items: ({ contacts: [a = '', b = '', c = ''] }) => [
      change(a, { statecode: 0 }),
      change(b, { statecode: 0 }, rejected),
      change(c, { statecode: 0 }),
    ],
    leaves: [['good', 'TOO_LONG', 'good'], []],
    uses: ['dynamics365Api'],
  },
  'Replace Values': {
    parameters: {
      ...CONTACT,
      columnReplacements: { row: [{ column: 'gendercode|choice', oldChoice: '2', newValue: 'female' }] },
    },
    items: ({ contacts: [a = '', b = '', c = ''] }) => [
      change(a, { gendercode: 2 }),
      change(b, { gendercode: 2 }, rejected),
      change(c, { gendercode: 2 }),
    ],
    leaves: [['good', 'TOO_LONG', 'good']],
    uses: ['dynamics365Api'],
    besides: ['adobeCampaignApi'],
  },
  'Field Mapper': {
    parameters: {
      ...CONTACT,
      ...PROFILE,
      mapping: { row: [{ column: 'lastname|string', field: 'lastName|string' }] },
    },
    items: ({ contacts: [a = '', b = '', c = ''] }) => [
      change(a, { lastname: 'Lovelace' }),
      change(b, { lastname: 'x'.repeat(51) }),
      change(c, { lastname: 'Hopper' }),
    ],
    leaves: [['good', 'TOO_LONG', 'good']],
    uses: ['dynamics365Api', 'adobeCampaignApi'],
  },
  'Adobe Campaign': {
    parameters: { operation: 'apply' },
    items: ({ contacts: [a = '', b = '', c = ''] }) => [
      change(a, {}, target(a, { lastName: another('Lovelace') })),
      change(b, {}, target(b, { gender: 'no such gender' })),
      change(c, {}, target(c, { lastName: another('Hopper') })),
    ],
    leaves: [['good', 'good'], [], [], ['UNKNOWN_ENUMERATION_VALUE']],
    uses: ['adobeCampaignApi'],
  },
  'Dynamics 365': {
    parameters: {
      ...CONTACT,
      operation: 'update',
      columnValues: { column: [{ column: 'jobtitle|string', value: '={{ $json.jobtitle }}' }] },
    },
    items: ({ contacts: [a = '', , c = ''] }) => [
      { id: a, jobtitle: another('Analyst') },
      { id: '00000000-0000-4000-8000-00000000dead', jobtitle: 'Nobody' },
      { id: c, jobtitle: another('Admiral') },
    ],
    leaves: [['good', 'good'], [], [], ['ROW_NOT_FOUND']],
    uses: ['dynamics365Api'],
  },
  'Marketing Events': {
    parameters: {},
    items: ({ contacts: [a = '', b = '', c = ''] }) => [
      { id: '1', externalId: a, status: 1, eventDate: '2026-11-21 08:00:00Z' },
      { id: '2', externalId: b, status: 1, eventDate: 'yesterday' },
      { id: '3', externalId: c, status: 1, eventDate: '2026-11-21 08:00:00Z' },
    ],
    leaves: [['good', 'good'], ['TIME_UNREADABLE']],
    uses: [],
  },
  'SFTP Export Reader': {
    parameters: {
      path: '={{ $json.path }}',
      columns: {
        column: [
          { name: 'externalId', type: 'text' },
          { name: 'blackListEmail', type: 'boolean' },
        ],
      },
      timeZone: 'UTC',
      format: { unreadable: 'reject' },
    },
    items: ({ folder }) => ['good.txt', 'bad-row.txt', 'good.txt'].map((name) => ({ path: `${folder}/${name}` })),
    leaves: [['good', 'UNREADABLE_VALUE', 'good']],
    uses: ['campaignSftpApi'],
  },
  'Opt-Out Resolver': {
    parameters: {
      direction: 'bidirectional',
      mapping: { lines: [{ column: 'donotemail|boolean', field: 'blackListEmail', inverted: false }] },
      options: { withoutProfile: 'nothing' },
    },
    items: ({ contacts: [a = '', , c = ''] }) => [{ externalId: a }, { externalId: 'crm-4711' }, { externalId: c }],
    leaves: [[], [], ['good', 'good'], ['NOT_A_CONTACT_ID']],
    uses: ['dynamics365Api', 'adobeCampaignApi'],
  },
};
