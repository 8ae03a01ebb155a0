import type { Mutant } from './mutant';

const READ_LINE = 'lib/sync/opt-out/read-line.ts';
const RESOLVE = 'lib/sync/opt-out/resolve.ts';

/** Faults in deciding about opt-outs. */
export const optOuts: readonly Mutant[] = [
  {
    name: 'An opt-in of the same second counts as newer',
    breaks: ['no opt-out is undone except by the rule', 'nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/time.ts',
        find: 'if (campaign.ms >= dynamics.ms + dynamics.precisionMs)',
        replace: 'if (campaign.ms >= dynamics.ms)',
      },
    ],
  },
  {
    name: 'A contact is written although it changed after it was read',
    breaks: ['no opt-out is undone except by the rule', 'nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/route-decision.ts',
        find: 'ifMatch: versionOf(contact),',
        replace: 'ifMatch: undefined,',
      },
    ],
  },
  {
    name: 'The first value of a profile counts as the choice of a person',
    breaks: ['no opt-out is undone except by the rule'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/read-campaign-time.ts',
        find: 'reading.ms <= created.ms + CREATION_SPAN_MS',
        replace: 'reading.ms < 0',
      },
    ],
  },
  {
    name: 'A missing value counts as an opt-in',
    breaks: ['no opt-in is invented'],
    flows: ['opt-outs'],
    changes: [
      {
        file: READ_LINE,
        find: "if (value === undefined || value === null || value === '') return 'missing';",
        replace: "if (value === undefined || value === null || value === '') return 'no';",
      },
    ],
  },
  {
    name: 'The opt-out from every channel is not read for a channel',
    breaks: ['no opt-out is undone except by the rule', 'no opt-out is invented', 'nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: READ_LINE,
        find: 'const global = isChannel(line.field) ? valueByName(profile.values, GLOBAL_OPT_OUT) : undefined;',
        replace: 'const global = undefined;',
      },
    ],
  },
  {
    name: 'A channel loses its opt-out with the one from every channel',
    breaks: ['nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/decide.ts',
        find: 'if (columns.length === 0 && names.length === 0) return person;',
        replace: 'if (columns.length >= 0) return person;',
      },
    ],
  },
  {
    name: 'An opt-in is taken from a profile that is gone',
    breaks: ['no opt-out is undone except by the rule'],
    flows: ['opt-outs'],
    changes: [
      {
        file: READ_LINE,
        find: "campaign: profile.gone && campaign === 'no' ? ('missing' as const) : campaign,",
        replace: 'campaign,',
      },
    ],
  },
  {
    name: 'The opt-out of a profile that is gone does not go to Dynamics 365',
    breaks: ['nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: RESOLVE,
        find: 'const gone = await by(request, { values: request.lastKnown, gone: true });',
        replace: 'const gone = await by(request, { values: {}, gone: true });',
      },
    ],
  },
  {
    name: 'An opt-out without a profile is not kept for later',
    breaks: ['nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/route-decision.ts',
        find: "if (decision.waitsForProfile && settings.withoutProfile === 'reject') {",
        replace: "if (decision.waitsForProfile && settings.withoutProfile !== 'reject') {",
      },
    ],
  },
  {
    name: 'Of several columns for one field only the first is asked',
    breaks: ['no opt-in is invented', 'nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: READ_LINE,
        find: "if (optedOutOfAll || values.includes('yes')) return 'yes';",
        replace: "if (optedOutOfAll || values[0] === 'yes') return 'yes';",
      },
    ],
  },
  {
    name: 'A column is read the wrong way round',
    breaks: ['no opt-out is invented', 'no opt-in is invented', 'no opt-out is undone except by the rule'],
    flows: ['opt-outs'],
    changes: [
      {
        file: READ_LINE,
        find: "if (known !== undefined) return known === inverted ? 'no' : 'yes';",
        replace: "if (known !== undefined) return known ? 'yes' : 'no';",
      },
    ],
  },
  {
    name: 'The side that does not decide is asked in its place',
    breaks: ['nothing is written in a direction that is off', 'nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: RESOLVE,
        find: "if (direction === 'campaignToDynamics' && from === 'dynamics') {",
        replace: "if (direction === 'campaignToDynamics' && from === 'campaign') {",
      },
    ],
  },
  {
    name: 'Nothing is written in the kept decision of a line that is written',
    breaks: ['decisions are kept before they are written'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/decide.ts',
        find: "writeTo: write?.to ?? 'none',",
        replace: "writeTo: 'none',",
      },
    ],
  },
  {
    name: 'An item that needs nothing leaves through no output',
    breaks: ['every item has one outcome', 'nothing is lost'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/route-decision.ts',
        find: "return [nothingToDo(item, json, 'NOTHING_TO_DO', 'Nothing has to be written for this person.', decision)];",
        replace: 'return [];',
      },
    ],
  },
  {
    name: 'Campaign is opted in in both directions',
    breaks: ['no opt-in is invented'],
    flows: ['opt-outs'],
    changes: [
      {
        file: 'lib/sync/opt-out/rules.ts',
        find: "['OPT_OUT_WINS_IN_DYNAMICS', BI, BOTH, NOT_OUT, ['yes'], 'dynamics newer or equal', 'dynamics out',",
        replace: "['OPT_OUT_WINS_IN_DYNAMICS', BI, BOTH, NOT_OUT, ['yes'], 'dynamics newer or equal', 'campaign in',",
      },
    ],
  },
];
