import type { Mutant } from './mutant';

const RECORD_WRITER = 'lib/campaign/record-writer.ts';
const FILTER = 'lib/sync/filter/compile-filter.ts';

/** Faults in what is written to Campaign. */
export const campaign: readonly Mutant[] = [
  {
    name: 'A create of which nobody knows whether it was done is not looked up',
    breaks: ['nothing is rejected without a reason', 'nothing is doubled'],
    flows: ['contacts'],
    changes: [
      {
        file: RECORD_WRITER,
        find: 'const found = round === 1 && (await this.isFirstOfAll(change)) ? null',
        replace: 'const found = uncertain || (round === 1 && (await this.isFirstOfAll(change))) ? null',
      },
    ],
  },
  {
    name: 'A record is written whether or not anything differs',
    breaks: ['what is there already is not written again'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/campaign/write-plan.ts',
        find: 'if (sameFieldValue(context.fields.get(name), readField(record, name), value)) continue;',
        replace: '',
      },
    ],
  },
  {
    name: 'A record that is to be deleted and is not there fails the run',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: RECORD_WRITER,
        find: "return change.change === 'delete' ? { status: 'absent', engineCalls: 0 } : NOT_IN_CAMPAIGN;",
        replace: "throw new RetriableError('RECORD_GONE', 'The record is not there.');",
      },
    ],
  },
  {
    name: 'What is filtered out is deleted where it has to be kept',
    breaks: ['no wrong delete'],
    flows: ['contacts'],
    changes: [
      { file: FILTER, find: "settings.filteredOut === 'delete' ? asDeletion : asSkipped", replace: 'asDeletion' },
    ],
  },
  {
    name: 'What is filtered out is kept where it has to be deleted',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      { file: FILTER, find: "settings.filteredOut === 'delete' ? asDeletion : asSkipped", replace: 'asSkipped' },
    ],
  },
  {
    name: 'Remembered opt-outs are not used for a new profile',
    breaks: ['no opt-out is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: 'nodes/AdobeCampaign/read-changes.ts',
        find: 'const fields = change.target && consent?.rememberedOptOuts.get(change.target.key.value);',
        replace: 'const fields = undefined;',
      },
    ],
  },
  {
    name: 'A profile with an opt-out is deleted without remembering it',
    breaks: ['no opt-out is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/campaign/kept-opt-outs.ts',
        find: "if (profiles === 'delete') return undefined;",
        replace: "if (profiles !== 'reject') return undefined;",
      },
    ],
  },
  {
    name: 'Fields for the creation of a record are written with each change',
    breaks: ['no opt-out is undone'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/sync/mapping/compile-mapping.ts',
        find: "onCreation: 'creationFields',",
        replace: "onCreation: 'fields',",
      },
    ],
  },
  {
    name: 'A record whose key differs in case is taken for the own one',
    breaks: ['only own records are touched'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/campaign/record-key.ts',
        find: 'String(value) === keyValue;',
        replace: 'String(value).toLowerCase() === keyValue.toLowerCase();',
      },
    ],
  },
  {
    name: 'A record with another key, given by a look-up, is written to',
    breaks: ['only own records are touched'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/campaign/record-key.ts',
        find: "return (typeof value === 'string' || typeof value === 'number') && String(value) === keyValue;",
        replace: 'return value !== undefined;',
      },
    ],
  },
];
