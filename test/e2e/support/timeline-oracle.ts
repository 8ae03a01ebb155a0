import type { Logs } from '../../../sandbox/control-client';
import {
  activityText,
  entryText,
  EVENT_KINDS,
  loggedEvents,
  TIMELINE_COLUMNS,
  TIMELINE_TABLES,
  type EventKind,
  type TimelineColumns,
} from '../../../sandbox/oracles/timeline';
import type { ExportScene } from './export-scene';

/** What the logs say happened to persons with a contact ID: entries by kind and ID of their row. */
export function entriesOf(logs: Logs): (readonly [event: string, text: string])[] {
  return EVENT_KINDS.flatMap((kind) =>
    loggedEvents(kind, logs)
      .filter(({ row }) => /^[0-9a-f-]{36}$/.test(row.externalId))
      .map(({ row, at, url }) => [`${kind} ${row.id}`, entryText(kind, row, at, url)] as const),
  );
}

/** The names of an activity table and its columns. */
export interface TimelineNames extends TimelineColumns {
  readonly table: string;
}

const OF_THE_APP = Object.fromEntries(
  EVENT_KINDS.map((kind) => [kind, { table: TIMELINE_TABLES[kind], ...TIMELINE_COLUMNS }]),
) as Readonly<Record<EventKind, TimelineNames>>;

/** What stands on the timelines of all contacts, as texts like those of `entryText`, sorted. */
export async function timelines(
  scene: ExportScene,
  names: Readonly<Record<EventKind, TimelineNames>> = OF_THE_APP,
): Promise<string[]> {
  const all = await Promise.all(
    EVENT_KINDS.map(async (kind) => {
      const rows = await scene.control.dump('dataverse', names[kind].table);
      return rows.map((row) => activityText(kind, row, names[kind]));
    }),
  );
  return all.flat().sort();
}
