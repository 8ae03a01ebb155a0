import type { ColumnDefinition, Row, Value } from '../dataverse/schema';
import type { Table } from '../dataverse/store';
import type { World } from './world';

interface Entry {
  readonly at: string;
  readonly what: string;
  readonly subject: string;
  readonly url: string;
}

const LISTED = 20;

/**
 * A contact's timeline as text for a person, the oldest activity first; without an ID, the contacts with the most activities.
 * Reads the activity tables by their display names, those of the app and those that a client made.
 *
 * @throws Error when there is no such contact
 */
export function timelineText(world: World, contactId: string | undefined, controlUrl: string): string {
  return contactId === undefined ? contactsText(world, controlUrl) : contactText(world, contactId.toLowerCase());
}

function contactText(world: World, id: string): string {
  const contact = world.organization.table('contact')?.get(id);
  if (!contact) throw new Error(`There is no contact '${id}'.`);
  const entries = activityTables(world)
    .flatMap((table) => rowsOf(table).flatMap((row) => (regarded(row) === id ? [entryOf(table, row)] : [])))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const lines = entries.map(({ at, what, subject, url }) => {
    const time = at.replace('T', ' ').replace(/Z$/, '');
    return `${time}  ${what.padEnd(9)}  ${subject}${url && `\n${' '.repeat(32)}${url}`}`;
  });
  return [
    `Timeline of ${nameOf(contact)} (${id}), ${counted(entries.length, 'activity', 'activities')}, times in UTC`,
    '',
    ...(lines.length ? lines : ['Nothing has happened yet.']),
    '',
  ].join('\n');
}

function contactsText(world: World, controlUrl: string): string {
  const counts = new Map<string, number>();
  for (const table of activityTables(world)) {
    for (const row of rowsOf(table)) {
      const id = regarded(row);
      if (id) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const contacts = world.organization.table('contact');
  const listed = [...counts].sort((a, b) => b[1] - a[1]).slice(0, LISTED);
  return [
    `${counted(counts.size, 'contact', 'contacts')} with activities on the timeline${counts.size > LISTED ? `, the ${LISTED} with the most of them` : ''}`,
    '',
    ...listed.map(([id, count]) => `${id}  ${String(count).padStart(4)}  ${nameOf(contacts?.get(id) ?? {})}`),
    '',
    `One contact's: curl -s '${controlUrl}/timeline?contact=${listed[0]?.[0] ?? '<contact ID>'}'`,
    '',
  ].join('\n');
}

/** Activity tables whose activities tell about e-mails, not `task`. */
function activityTables(world: World): Table[] {
  return world.organization
    .all()
    .filter(({ definition }) => definition.activity && definition.custom && definition.label.startsWith(PREFIX));
}

const PREFIX = 'Adobe Campaign Email ';

function rowsOf(table: Table): Row[] {
  return table.liveIds().map((id) => table.get(id) ?? {});
}

function regarded(row: Row): string | undefined {
  const id = row['regardingobjectid'];
  return typeof id === 'string' ? id : undefined;
}

function entryOf({ definition }: Table, row: Row): Entry {
  const valueOf = (fits: (column: ColumnDefinition) => boolean) => plain(row[definition.columns.find(fits)?.key ?? '']);
  return {
    at: valueOf(({ label, kind }) => kind === 'datetime' && label?.startsWith('Date ') === true),
    what: definition.label.slice(PREFIX.length),
    subject: valueOf(({ name }) => name === 'subject'),
    url: valueOf(({ label }) => label === 'Tracking URL'),
  };
}

function nameOf(contact: Row): string {
  return [contact['firstname'], contact['lastname']].map(plain).filter(Boolean).join(' ') || 'a contact without a name';
}

/** Without characters that a terminal would take for orders. */
function plain(value: Value | undefined): string {
  return String(value ?? '')
    .replace(/\p{C}/gu, ' ')
    .trim();
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}
