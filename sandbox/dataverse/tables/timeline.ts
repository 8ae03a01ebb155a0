import { column, commonColumns, lookup, text, type ColumnDefinition, type TableDefinition } from '../schema';

/** An activity table as Dataverse makes one: subject, owner, and regarding any table that has activities. */
export function activityTable(
  definition: Pick<TableDefinition, 'name' | 'schemaName' | 'label' | 'pluralLabel' | 'objectTypeCode'> & {
    readonly subjectLength?: number;
    readonly columns: readonly ColumnDefinition[];
    readonly timeline?: boolean;
  },
): TableDefinition {
  const { name, subjectLength = 200, columns, ...rest } = definition;
  return {
    ...rest,
    name,
    setName: `${name}s`,
    primaryId: 'activityid',
    primaryName: 'subject',
    changeTracking: false,
    custom: true,
    activity: true,
    keys: [],
    columns: [
      column('activityid', 'guid', 'Activity'),
      text('subject', 'Subject', subjectLength, { required: true }),
      column('description', 'memo', 'Description', { maxLength: 2_000 }),
      lookup('regardingobjectid', 'Regarding', {
        account: `regardingobjectid_account_${name}`,
        contact: `regardingobjectid_contact_${name}`,
      }),
      ...columns,
      ...commonColumns('Completed'),
    ],
  };
}

/** The AppSource app's tables. Its logical names are not public, so these are odd on purpose: a client has to find them by display name. */
function ofTheApp(
  event: string,
  suffix: string,
  date: string,
  objectTypeCode: number,
  extra: readonly ColumnDefinition[] = [],
): TableDefinition {
  const own = (name: string) => `xyz_${name}`;
  return activityTable({
    name: own(`acx${suffix}`),
    schemaName: own(`Acx${suffix}`),
    label: `Adobe Campaign Email ${event}`,
    pluralLabel: `Adobe Campaign Email ${event}s`,
    objectTypeCode,
    timeline: true,
    columns: [
      text(own('cname'), 'Campaign Name', 200),
      text(own('dname'), 'Delivery Name', 200),
      column(own('when'), 'datetime', `Date ${date}`),
      ...extra,
      text(own('mirror'), 'Mirror Page URL', 2_000, { format: 'Url' }),
    ],
  });
}

/** There unless the setting `timelineTables` is off. */
export const TIMELINE_TABLES: readonly TableDefinition[] = [
  ofTheApp('Send', 'snd', 'Sent', 10_401),
  ofTheApp('Open', 'opn', 'Opened', 10_402),
  ofTheApp('URL Click', 'clk', 'Clicked', 10_403, [text('xyz_url', 'Tracking URL', 2_000, { format: 'Url' })]),
  ofTheApp('Bounce', 'bnc', 'Bounced', 10_404),
];
