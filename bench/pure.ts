import type { Change, UpsertChange } from '../lib/core/change';
import { compileFilter } from '../lib/sync/filter/compile-filter';
import { conversions } from '../lib/sync/conversion/conversions';
import { compileMapping } from '../lib/sync/mapping/compile-mapping';
import { compileRecordReplacements } from '../lib/sync/replacement/compile-record-replacements';
import { column, field, GENDER_OPTIONS, resourceOf, tableOf } from '../test/support/builders';

const CONTACT = tableOf(
  column('firstname', 'string', { maxLength: 50 }),
  column('lastname', 'string', { maxLength: 50 }),
  column('emailaddress1', 'string', { maxLength: 100 }),
  column('mobilephone', 'string', { maxLength: 50 }),
  column('address1_city', 'string', { maxLength: 80 }),
  column('birthdate', 'date'),
  column('lastonholdtime', 'datetime'),
  column('gendercode', 'choice', { options: GENDER_OPTIONS.slice(0, 2) }),
  column('donotemail', 'boolean'),
  column('numberofchildren', 'integer'),
  column('statecode', 'state', {
    options: [
      { value: 0, label: 'Active' },
      { value: 1, label: 'Inactive' },
    ],
  }),
);

const PROFILE = resourceOf(
  field('firstName', 'string', { maxLength: 50 }),
  field('lastName', 'string', { maxLength: 50 }),
  field('email', 'string', { maxLength: 128 }),
  field('mobilePhone', 'string', { maxLength: 32 }),
  field('location.city', 'string', { maxLength: 80 }),
  field('birthDate', 'date'),
  field('cusHold', 'datetime'),
  field('gender', 'enumeration', {
    values: ['unknown', 'male', 'female'].map((name) => ({ name, label: name })),
  }),
  field('blackListEmail', 'boolean'),
  field('cusChildren', 'integer'),
);

const PAIRS: readonly (readonly [string, string])[] = [
  ['firstname', 'firstName'],
  ['lastname', 'lastName'],
  ['emailaddress1', 'email'],
  ['mobilephone', 'mobilePhone'],
  ['address1_city', 'location.city'],
  ['birthdate', 'birthDate'],
  ['lastonholdtime', 'cusHold'],
  ['gendercode', 'gender'],
  ['donotemail', 'blackListEmail'],
  ['numberofchildren', 'cusChildren'],
];

export interface PureResult {
  readonly records: number;
  readonly fields: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** By the time that the core really worked: what counts where other processes share the machine. */
  readonly recordsPerCpuSecond: number;
}

/**
 * Filter, ten mapped fields and a replacement over records of realistic size, on one core, without n8n and without calls.
 * @param records how many records a round has; the best of five rounds counts, so that another process does not
 */
export function benchPure(records = 200_000, batchSize = 500): PureResult {
  const changes = Array.from({ length: batchSize }, (_, index) => contact(index));
  let best = Infinity;
  let bestCpu = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint();
    const cpuStart = process.cpuUsage();
    let mapped = 0;
    for (let done = 0; done < records; done += batchSize) mapped += runBatch(changes);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const cpu = process.cpuUsage(cpuStart);
    if (mapped === 0) throw new Error('nothing was mapped');
    best = Math.min(best, seconds);
    bestCpu = Math.min(bestCpu, (cpu.user + cpu.system) / 1e6);
  }
  const round = Math.ceil(records / batchSize) * batchSize;
  return {
    records: round,
    fields: PAIRS.length,
    seconds: best,
    recordsPerSecond: Math.round(round / best),
    recordsPerCpuSecond: Math.round(round / bestCpu),
  };
}

/** Compiling is part of the price: the nodes do it once per batch. */
function runBatch(changes: readonly Change[]): number {
  const filter = compileFilter(
    {
      root: {
        kind: 'group',
        match: 'all',
        parts: [
          { kind: 'condition', where: 'Condition 1', column: 'statecode|state', comparison: 'equals', operand: 0 },
          {
            kind: 'condition',
            where: 'Condition 2',
            column: 'emailaddress1|string',
            comparison: 'contains',
            operand: '@',
          },
        ],
      },
      caseSensitive: false,
      timeZone: 'Europe/Berlin',
      filteredOut: 'keep',
    },
    CONTACT,
    Date.now(),
  );
  const replace = compileRecordReplacements(
    {
      caseSensitive: false,
      rows: [
        {
          line: 1,
          name: 'gendercode|choice',
          oldValue: { empty: false, value: '1' },
          newValue: { empty: false, value: 'male' },
        },
        {
          line: 2,
          name: 'gendercode|choice',
          oldValue: { empty: false, value: '2' },
          newValue: { empty: false, value: 'female' },
        },
      ],
    },
    CONTACT,
  );
  const mapping = compileMapping(
    {
      keyField: 'externalId',
      rows: PAIRS.map(([from, to], index) => ({
        line: index + 1,
        source: { kind: 'column', column: from },
        field: to,
        applyUpdates: true,
        choices: 'default',
        whenEmpty: 'clear',
      })),
      applyUpdates: 'perRow',
      choices: 'value',
      timeZone: 'Europe/Berlin',
      tooLong: 'reject',
      unknownEntries: 'reject',
      applyDeletes: true,
      keepRecord: false,
      product: 'standard',
    },
    CONTACT,
    PROFILE,
    conversions,
  );
  let mapped = 0;
  for (const change of changes) {
    const filtered = filter(change);
    const result = mapping.map(replace(filtered.change).change, () => undefined);
    if (result.target) mapped++;
  }
  return mapped;
}

function contact(index: number): UpsertChange {
  const hex = index.toString(16).padStart(12, '0');
  return {
    change: 'upsert',
    reason: 'changed',
    table: 'contact',
    id: `8a4c0e6e-6b0f-4d1c-9f3e-${hex}`,
    modifiedOn: '2026-11-21T16:30:00Z',
    initial: false,
    record: {
      contactid: `8a4c0e6e-6b0f-4d1c-9f3e-${hex}`,
      firstname: `Ada ${index}`,
      lastname: 'Lovelace-Müller',
      emailaddress1: `Ada.${index}@example.com`,
      mobilephone: '+49 151 0000000',
      address1_city: 'Köln',
      birthdate: `19${String(50 + (index % 50))}-0${1 + (index % 9)}-1${index % 9}`,
      lastonholdtime: `2023-04-07T${String(10 + (index % 12))}:59:01Z`,
      gendercode: 1 + (index % 2),
      donotemail: index % 7 === 0,
      numberofchildren: index % 5,
      statecode: index % 20 === 0 ? 1 : 0,
    },
    labels: { gendercode: index % 2 ? 'Female' : 'Male', statecode: 'Active', donotemail: 'Allow' },
  };
}

if (require.main === module) console.log(JSON.stringify(benchPure(), null, 2));
