import type { DumpedRow, Logs, LogRow } from '../../../sandbox/control-client';
import { TIMELINE_TABLES, loggedEvents, type EventKind } from '../../../sandbox/oracles/timeline';
import type { ExportScene } from './export-scene';

const KINDS = { Send: 'send', Open: 'open', Click: 'click', Bounce: 'bounce' } as const satisfies Record<
  string,
  EventKind
>;
export type What = keyof typeof KINDS;
export const WHATS = Object.keys(KINDS) as readonly What[];

/** An entry of a timeline as text; Dynamics 365 keeps whole seconds. */
export function entry(what: What, row: LogRow, at: string, url = ''): string {
  const subject = `Campaign Name: ${row.campaignLabel}; Delivery Name: ${row.deliveryLabel}`;
  const time = `${at.replace(' ', 'T').slice(0, 19)}Z`;
  return [row.externalId, what, subject, row.campaignLabel, row.deliveryLabel, time, url, row.mirrorPageUrl].join(
    ' | ',
  );
}

/** What the logs say happened to persons with a contact ID: entries by kind and ID of their row. */
export function entriesOf(logs: Logs): (readonly [event: string, text: string])[] {
  return WHATS.flatMap((what) =>
    loggedEvents(KINDS[what], logs)
      .filter(({ row }) => /^[0-9a-f-]{36}$/.test(row.externalId))
      .map(({ row, at, url }) => [`${what} ${row.id}`, entry(what, row, at, url)] as const),
  );
}

/** The names of an activity table and its columns. */
export interface TimelineNames {
  readonly table: string;
  readonly campaign: string;
  readonly delivery: string;
  readonly at: string;
  readonly url: string;
  readonly mirror: string;
}

const OF_THE_APP = Object.fromEntries(
  WHATS.map((what) => [
    what,
    {
      table: TIMELINE_TABLES[KINDS[what]],
      campaign: 'xyz_cname',
      delivery: 'xyz_dname',
      at: 'xyz_when',
      url: 'xyz_url',
      mirror: 'xyz_mirror',
    },
  ]),
) as Readonly<Record<What, TimelineNames>>;

/** What stands on the timelines of all contacts, as texts like those of `entry`, sorted. */
export async function timelines(
  scene: ExportScene,
  names: Readonly<Record<What, TimelineNames>> = OF_THE_APP,
): Promise<string[]> {
  const all = await Promise.all(
    WHATS.map(async (what) => {
      const { table, campaign, delivery, at, url, mirror } = names[what];
      const text = (row: DumpedRow, column: string) => String(row[column] ?? '');
      return (await scene.control.dump('dataverse', table)).map((row) =>
        [
          text(row, '_regardingobjectid_value'),
          what,
          ...['subject', campaign, delivery, at, url, mirror].map((column) => text(row, column)),
        ].join(' | '),
      );
    }),
  );
  return all.flat().sort();
}
