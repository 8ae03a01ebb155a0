import type { Mutant } from './mutant';

const CHANGE_FEED = 'lib/sync/feed/change-feed.ts';
const CHECKPOINT = 'lib/sync/feed/checkpoint.ts';

/** Faults in reading a table and its changes. */
export const feed: readonly Mutant[] = [
  {
    name: 'No token is fetched before a load',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHECKPOINT,
        find: "return { phase: 'load', link: null, safety: seen, load: at.load };",
        replace: "return { phase: 'load', link: null, safety: null, load: at.load };",
      },
    ],
  },
  {
    name: 'What happened during a load is not caught up with',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHECKPOINT,
        find: "return at.safety === null ? { phase: 'delta', link: seen }",
        replace: "return at.safety !== undefined ? { phase: 'delta', link: seen }",
      },
    ],
  },
  {
    name: 'Deletions are not passed on',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHANGE_FEED,
        find: 'const deleted = new Set(page.deletedIds);',
        replace: 'const deleted = new Set<string>();',
      },
    ],
  },
  {
    name: 'The rows of the last page of several are dropped',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHANGE_FEED,
        find: 'const changes = silent ?',
        replace: "const changes = silent || (at.phase === 'load' && at.link !== null && page.nextLink === undefined) ?",
      },
    ],
  },
  {
    name: 'The link to the next page is not followed',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [{ file: CHECKPOINT, find: 'if (page.nextLink !== undefined) {', replace: "if (page.nextLink === '') {" }],
  },
  {
    name: 'A delta link on an earlier page of a read is forgotten',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      { file: CHECKPOINT, find: 'const seen = page.deltaLink ?? at.seen;', replace: 'const seen = page.deltaLink;' },
    ],
  },
  {
    name: 'After an expired token the trigger begins from now on',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/sync/feed/dead-link.ts',
        find: "at.phase === 'safety-token' ? at.load : 'expired'",
        replace: "at.phase === 'safety-token' ? at.load : 'silent'",
      },
    ],
  },
  {
    name: 'A replay drops what was outstanding',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHECKPOINT,
        find: "return { checkpoint: restart('replay'), why: 'replay' }",
        replace: "return { checkpoint: fresh('replay', stored.delivery), why: 'replay' }",
      },
    ],
  },
  {
    name: 'Other columns drop what was outstanding',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHECKPOINT,
        find: "return { checkpoint: restart(load), why: 'columns-changed' }",
        replace: "return { checkpoint: fresh(load, stored.delivery), why: 'columns-changed' }",
      },
    ],
  },
  {
    name: 'Of a row that stands twice on pages of changes only the older state is taken',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: CHANGE_FEED,
        find: "const lookUp = at.phase === 'catch-up' ? [...latest.keys()] :",
        replace: 'const lookUp = at.began === null ? [...latest.keys()] :',
      },
    ],
  },
];
