import type { LookupTarget, WriteColumn } from '../row-plan';
import { ConfigurationError } from '../../core/errors';
import type { EventKind } from '../../sync/marketing-events/marketing-event';
import type { Table, TableDescription } from '../../core/metadata';
import { logicalNameOf } from '../odata';
import type { TimelineMetadata } from './timeline-metadata';
import { TIMELINE_COLUMNS, TIMELINE_TABLES, type TimelineColumn } from './timeline-names';

/** Names that the user set by hand: a table's logical name, columns' logical names; `-` leaves a column out. */
export interface TimelineOverride {
  readonly table?: string | undefined;
  readonly columns?: Partial<Readonly<Record<TimelineColumn, string>>> | undefined;
}

/** One kind's activity table, found in the live metadata. */
export interface TimelineTable {
  readonly kind: EventKind;
  readonly table: Table;
  readonly subject: WriteColumn;
  readonly columns: Readonly<Partial<Record<TimelineColumn, WriteColumn>>>;
  /** How an activity is bound to its contact. */
  readonly regarding: LookupTarget;
  /** Tables that may own an activity: users, and teams. */
  readonly owners: readonly LookupTarget[];
  /** `CreateMultiple` can be used. */
  readonly createMultiple: boolean;
}

const SET_BY_HAND =
  'run the operation Prepare Timeline Tables, or set the names by hand under Tables and Columns Set by Hand (docs/timeline.md)';

/**
 * Finds the activity table of a kind of event and its columns.
 *
 * @throws ConfigurationError TIMELINE_TABLE_UNKNOWN, TIMELINE_TABLE_AMBIGUOUS, TIMELINE_COLUMN_UNKNOWN, TIMELINE_NOT_REGARDING
 */
export async function findTimelineTable(
  kind: EventKind,
  override: TimelineOverride | undefined,
  metadata: TimelineMetadata,
): Promise<TimelineTable> {
  const tables = await metadata.listTables();
  const table = findTable(kind, override?.table, tables);
  const [description, targets, createMultiple] = await Promise.all([
    metadata.describeTable(table.name),
    metadata.lookupTargets(table.name, tables),
    metadata.hasCreateMultiple(table.name),
  ]);
  const subject = description.columns.find(({ name }) => name === 'subject');
  const regarding = targets.get('regardingobjectid')?.find((target) => target.table === 'contact');
  if (!subject || !regarding) {
    throw new ConfigurationError(
      'TIMELINE_NOT_REGARDING',
      `The table "${table.label}" (${table.name}) is no activity that can be regarding a contact.`,
      { hint: 'Choose a table of the type Activity, and see that contacts are enabled for activities.' },
    );
  }
  return {
    kind,
    table,
    subject,
    columns: findColumns(kind, override?.columns ?? {}, description),
    regarding,
    owners: targets.get('ownerid') ?? [],
    createMultiple,
  };
}

function findTable(kind: EventKind, byHand: string | undefined, tables: readonly Table[]): Table {
  const { label } = TIMELINE_TABLES[kind];
  const matches = tables.filter((table) => (byHand ? table.name === byHand : sameLabel(table.label, label)));
  const [match] = matches;
  if (match && matches.length === 1) return match;
  if (match) {
    throw new ConfigurationError(
      'TIMELINE_TABLE_AMBIGUOUS',
      `Dynamics 365 has ${matches.length} tables with the display name "${label}": ${matches.map(({ name }) => name).join(', ')}.`,
      { hint: 'Set the logical name of the right one under Tables and Columns Set by Hand.' },
    );
  }
  throw new ConfigurationError(
    'TIMELINE_TABLE_UNKNOWN',
    byHand
      ? `Dynamics 365 has no table "${byHand}", which is set for events of the kind "${kind}".`
      : `Dynamics 365 has no table with the display name "${label}" that this user may see.`,
    { hint: `Install the app "Adobe Campaign for Microsoft Dynamics 365", ${SET_BY_HAND}.` },
  );
}

function findColumns(
  kind: EventKind,
  byHand: NonNullable<TimelineOverride['columns']>,
  { table, columns }: TableDescription,
): TimelineTable['columns'] {
  const wanted = TIMELINE_TABLES[kind].columns;
  const found: Partial<Record<TimelineColumn, WriteColumn>> = {};
  const missing: string[] = [];
  for (const key of TIMELINE_COLUMNS) {
    const expected = wanted[key];
    const name = byHand[key];
    if (name === '-' || (!expected && !name)) continue;
    const column = columns.find((each) =>
      name ? logicalNameOf(each.name) === name : sameLabel(each.label, expected?.label ?? ''),
    );
    if (column) found[key] = column;
    else missing.push(name ? `"${name}" (set by hand)` : `"${expected?.label}"`);
  }
  if (missing.length === 0) return found;
  throw new ConfigurationError(
    'TIMELINE_COLUMN_UNKNOWN',
    `The table "${table.label}" (${table.name}) lacks the column ${missing.join(' and ')}.`,
    {
      hint: `It may have been renamed. Give it back its display name, ${SET_BY_HAND}; the name - leaves a column out.`,
    },
  );
}

/** Display names are compared as people read them. */
export function sameLabel(a: string, b: string): boolean {
  const read = (label: string) => label.trim().replace(/\s+/g, ' ').toLowerCase();
  return read(a) === read(b);
}
