import type { Mutant } from './mutant';

const WATCHED_FOLDER = 'lib/sftp/watched-folder.ts';
const FILE_DELIVERY = 'lib/sftp/file-delivery.ts';

/** Faults in reading exports, and in putting their events on the timeline. */
export const timeline: readonly Mutant[] = [
  {
    name: "An event's id does not follow from the row of the log",
    breaks: ['each event is once on the timeline'],
    flows: ['timeline'],
    changes: [
      {
        file: 'lib/dataverse/timeline/activity-id.ts',
        find: "return uuidOf(instance === '' ? [kind, logId] : [kind, logId, instance]);",
        replace: 'return uuidOf([kind, logId, instance, String(++made)]);',
      },
      {
        file: 'lib/dataverse/timeline/activity-id.ts',
        find: 'function uuidOf(name: readonly string[]): string {',
        replace: 'let made = 0;\nfunction uuidOf(name: readonly string[]): string {',
      },
    ],
  },
  {
    name: 'A file counts as finished before its last batch is accepted',
    breaks: ['the stored state is never ahead', 'nothing is lost'],
    flows: ['timeline'],
    changes: [
      {
        file: WATCHED_FOLDER,
        find: '      await this.delivery.deliver(server, file, inspection, done);\n',
        replace:
          '      const early = fileMark(factsOf(file, inspection));\n      this.state.update(finish(this.state.present, early, this.inspector.marks(), this.nowIso()));\n      await this.delivery.deliver(server, file, inspection, done);\n',
      },
    ],
  },
  {
    name: 'A file whose last line is torn is delivered',
    breaks: ['a file that is not whole gives nothing'],
    flows: ['timeline'],
    changes: [
      {
        file: 'lib/sftp/inspect-file.ts',
        find: 'if (!tap.endsWithNewline && !format.openEndAllowed) {',
        replace: 'if (!tap.endsWithNewline && format.openEndAllowed === null) {',
      },
    ],
  },
  {
    name: 'The rows of a batch count as done before it is accepted',
    breaks: ['the stored state is never ahead', 'nothing is lost'],
    flows: ['timeline'],
    changes: [
      {
        file: FILE_DELIVERY,
        find: 'current = { ...current, last: upTo >= rows };',
        replace: 'current = { ...current, done: upTo, last: upTo >= rows };',
      },
    ],
  },
  {
    name: 'A file that was begun is not read to its end after a restart',
    breaks: ['nothing is lost', 'a file is put away when it is done', 'the stored state is never ahead'],
    flows: ['timeline'],
    changes: [
      {
        file: WATCHED_FOLDER,
        find: 'inspection.rows === current.rows ? current.done : 0);',
        replace: 'inspection.rows);',
      },
    ],
  },
  {
    name: 'A file with the name of a finished one is taken for it, whatever it holds',
    breaks: ['nothing is lost', 'a file is put away when it is done'],
    flows: ['timeline'],
    changes: [
      {
        file: 'lib/sync/export/finished-files.ts',
        find: 'if (marks.includes(own)) return true;',
        replace: 'if (marks.some((mark) => haveSameName(mark, own))) return true;',
      },
    ],
  },
];
