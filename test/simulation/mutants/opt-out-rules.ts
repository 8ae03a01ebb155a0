import type { Mutant } from './mutant';

const RULES = 'lib/sync/opt-out/rules.ts';
const RESOLVE = 'lib/sync/opt-out/resolve.ts';

const LOST = ['no opt-out is undone except by the rule', 'nothing is lost'];

/** Faults in the rules of consent, and in following them. */
export const optOutRules: readonly Mutant[] = [
  {
    name: 'An opt-out in Dynamics 365 does not win where it is newer or as new',
    breaks: LOST,
    flows: ['opt-outs'],
    changes: [
      {
        file: RULES,
        find: "['yes'], NOT_OUT, 'dynamics newer or equal', 'campaign out'",
        replace: "['yes'], NOT_OUT, 'dynamics newer or equal', 'dynamics in'",
      },
    ],
  },
  {
    name: 'An opt-out does not win where the times cannot be compared',
    breaks: LOST,
    flows: ['opt-outs'],
    changes: [
      {
        file: RULES,
        find: "['yes'], NOT_OUT, 'not both usable', 'campaign out'",
        replace: "['yes'], NOT_OUT, 'not both usable', 'dynamics in'",
      },
    ],
  },
  {
    name: 'An opt-out in Campaign does not win where Dynamics 365 is as new',
    breaks: ['no opt-in is invented', ...LOST],
    flows: ['opt-outs'],
    changes: [
      {
        file: RULES,
        find: "NOT_OUT, ['yes'], 'dynamics newer or equal', 'dynamics out'",
        replace: "NOT_OUT, ['yes'], 'dynamics newer or equal', 'campaign in'",
      },
    ],
  },
  {
    name: 'Campaign counts as newer whatever the times say',
    breaks: LOST,
    flows: ['opt-outs'],
    changes: [
      {
        file: RULES,
        find: "(c) => c.order === 'campaign newer',",
        replace: "(c) => c.order !== 'unknown',",
      },
    ],
  },
  {
    name: 'A newer opt-in of Campaign is ignored',
    breaks: ['nothing is lost', 'no opt-out is invented'],
    flows: ['opt-outs'],
    changes: [
      {
        file: RULES,
        find: "(c) => c.order === 'dynamics newer' || c.order === 'equal',",
        replace: "(c) => c.order !== 'unknown',",
      },
      { file: RULES, find: "(c) => c.order === 'campaign newer',", replace: '() => false,' },
    ],
  },
  {
    name: 'The direction is ignored',
    breaks: ['nothing is written in a direction that is off'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/decide.ts',
        find: 'direction: context.direction,\n      from: person.from,\n      dynamics',
        replace: "direction: 'bidirectional',\n      from: person.from,\n      dynamics",
      },
      {
        file: RESOLVE,
        find: 'const skip = read.kind',
        replace: "const skip = read.kind === 'request' ? undefined : read.kind",
      },
    ],
  },
  {
    name: 'The own write is written back as a change of the other side',
    breaks: ['at rest nothing is written any more', 'nothing is written in a direction that is off'],
    flows: ['opt-outs'],
    changes: [
      {
        file: RULES,
        find: "['yes'], ['yes'], 'any', 'nothing', 'both sides",
        replace: "['yes'], ['yes'], 'any', 'campaign out', 'both sides",
      },
      {
        file: 'lib/campaign/write-plan.ts',
        find: 'if (sameFieldValue(context.fields.get(name), readField(record, name), value)) continue;',
        replace: '',
      },
    ],
  },
  {
    name: 'A decision on a contact that changed meanwhile is given up',
    breaks: ['nothing is lost', 'every item has one outcome'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/dataverse/row-writer.ts',
        find: 'return CHANGED_MEANWHILE;',
        replace: "return { status: 'unchanged', engineCalls: 0 };",
      },
    ],
  },
];
