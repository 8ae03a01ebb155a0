import type { DumpedRow } from '../../../sandbox/demo/sandbox-control';
import type { DeliveryLogRow, TrackingLogRow } from '../../../sandbox/exports/campaign-logs';
import type { ExportScene } from './export-scene';

/** The activity tables of the sandbox, by what stands on a timeline. */
export const TABLES = { Send: 'xyz_acxsnd', Open: 'xyz_acxopn', Click: 'xyz_acxclk', Bounce: 'xyz_acxbnc' } as const;
export type What = keyof typeof TABLES;
export const WHATS = Object.keys(TABLES) as readonly What[];

export interface Logs {
  readonly delivery: readonly DeliveryLogRow[];
  readonly tracking: readonly TrackingLogRow[];
}

/** All rows of both of Campaign's logs. */
export async function logsOf(scene: ExportScene): Promise<Logs> {
  return (await (await fetch(`${scene.sandbox.controlUrl}/logs`)).json()) as unknown as Logs;
}

/** An entry of a timeline as text; Dynamics 365 keeps whole seconds. */
export function entry(what: What, row: DeliveryLogRow | TrackingLogRow, at: string, url = ''): string {
  const subject = `Campaign Name: ${row.campaignLabel}; Delivery Name: ${row.deliveryLabel}`;
  const time = `${at.replace(' ', 'T').slice(0, 19)}Z`;
  return [row.externalId, what, subject, row.campaignLabel, row.deliveryLabel, time, url, row.mirrorPageUrl].join(
    ' | ',
  );
}

/** What the logs say happened, written from the meaning of their codes alone: entries by kind and ID of their row. */
export function entriesOf({ delivery, tracking }: Logs): (readonly [event: string, text: string])[] {
  const of = (what: What, row: DeliveryLogRow | TrackingLogRow, at: string, url?: string) =>
    [`${what} ${row.id}`, entry(what, row, at, url)] as const;
  const real = <Row extends { testAddress: boolean; externalId: string }>(row: Row) =>
    !row.testAddress && /^[0-9a-f-]{36}$/.test(row.externalId);
  return [
    ...delivery.filter(real).flatMap((row) => {
      if (row.status === 1) return [of('Send', row, row.eventDate)];
      return row.status === 2 && row.failureType === 2 ? [of('Bounce', row, row.eventDate)] : [];
    }),
    ...tracking.filter(real).flatMap((row) => {
      if (row.urlType === 2) return [of('Open', row, row.logDate)];
      return [1, 10, 11].includes(row.urlType) ? [of('Click', row, row.logDate, row.urlSource)] : [];
    }),
  ];
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
      table: TABLES[what],
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
