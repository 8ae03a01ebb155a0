import type { CallOptions } from '../../http/call-options';
import { unexpectedResponse } from '../../core/unexpected-response';
import { EVENT_KINDS, type EventKind } from '../../sync/marketing-events/marketing-event';
import type { Table } from '../../core/metadata';
import type { DataverseClient } from '../client';
import { jsonOf } from '../errors';
import { literal } from '../odata';
import { LANGUAGE_PATH, languageIn } from '../organization-language';
import { JSON_CONTENT } from '../row-requests';
import { writeError } from '../write-errors';
import { TIMELINE_COLUMNS, TIMELINE_TABLES, type TimelineColumnName } from './timeline-names';
import { sameLabel } from './timeline-tables';

/** One thing that is there, or is to be made. */
export interface SetupStep {
  readonly action: 'present' | 'createTable' | 'createColumn';
  readonly kind: EventKind;
  /** Logical names. */
  readonly table: string;
  readonly column?: string;
  /** Display name of the table or column. */
  readonly label: string;
}

export interface SetupOptions extends CallOptions {
  readonly kinds: readonly EventKind[];
  /** The publisher's prefix, without the underscore: `new`, or that of your own publisher. */
  readonly prefix: string;
  /** Unique name of the solution that gets the tables; the default solution where it is absent. */
  readonly solution?: string | undefined;
}

/** What the setup needs of the client. */
export type SetupClient = Pick<DataverseClient, 'listTables' | 'describeTable' | 'call'>;

/** Compares what the timeline needs with what is there. Reads only. */
export async function planTimelineSetup(client: SetupClient, options: SetupOptions): Promise<SetupStep[]> {
  const tables = await client.listTables(options);
  const steps: SetupStep[] = [];
  for (const kind of EVENT_KINDS.filter((each) => options.kinds.includes(each))) {
    const wanted = TIMELINE_TABLES[kind];
    const present = findPresent(tables, kind, options.prefix);
    const table = present?.name ?? logicalName(options.prefix, wanted.name);
    steps.push({ action: present ? 'present' : 'createTable', kind, table, label: wanted.label });
    const columns = present ? (await client.describeTable(present.name, options)).columns : [];
    for (const key of TIMELINE_COLUMNS) {
      const column = wanted.columns[key];
      if (!column) continue;
      const name = logicalName(options.prefix, column.name);
      const found =
        columns.find((each) => sameLabel(each.label, column.label)) ?? columns.find((each) => each.name === name);
      const step = { kind, table, label: column.label, column: found?.name ?? name };
      steps.push({ action: found ? 'present' : 'createColumn', ...step });
    }
  }
  return steps;
}

/**
 * Makes what a plan says: tables first, each with its columns, and publishes them. Made again after an interruption, it goes on where it
 * stopped, since the plan is made anew.
 *
 * @throws ConfigurationError PRIVILEGE_MISSING; RejectedRecordError where Dynamics 365 refuses a definition
 */
export async function carryOutTimelineSetup(
  client: SetupClient,
  steps: readonly SetupStep[],
  options: SetupOptions,
): Promise<void> {
  const toDo = steps.filter(({ action }) => action !== 'present');
  if (toDo.length === 0) return;
  const language = await baseLanguage(client, options);
  for (const step of toDo) {
    const { kind, table, column } = step;
    if (column === undefined) {
      await post(
        client,
        'EntityDefinitions',
        tableDefinition(kind, options.prefix, language),
        `make the table "${table}"`,
        options,
      );
    } else {
      const name = Object.values(TIMELINE_TABLES[kind].columns).find(
        ({ label }) => label === step.label,
      ) as TimelineColumnName;
      const path = `EntityDefinitions(LogicalName=${literal(table)})/Attributes`;
      const body = columnDefinition(name, options.prefix, language);
      await post(client, path, body, `make the column "${column}" of the table "${table}"`, options);
    }
  }
  const changed = [...new Set(toDo.map(({ table }) => `<entity>${table}</entity>`))].join('');
  const body = { ParameterXml: `<importexportxml><entities>${changed}</entities></importexportxml>` };
  await post(client, 'PublishXml', body, 'publish the tables of the timeline', options);
}

function findPresent(tables: readonly Table[], kind: EventKind, prefix: string): Table | undefined {
  const { label, name } = TIMELINE_TABLES[kind];
  return (
    tables.find((table) => sameLabel(table.label, label)) ??
    tables.find((table) => table.name === logicalName(prefix, name))
  );
}

function logicalName(prefix: string, name: string): string {
  return `${prefix}_${name}`;
}

/**
 * An activity has the fixed primary column Subject, and can be regarding every table with activities
 * (docs/facts/dataverse.md, "Custom activities").
 */
function tableDefinition(kind: EventKind, prefix: string, language: number): object {
  const { label, pluralLabel, name } = TIMELINE_TABLES[kind];
  return {
    '@odata.type': 'Microsoft.Dynamics.CRM.EntityMetadata',
    SchemaName: logicalName(prefix, name),
    DisplayName: labelOf(label, language),
    DisplayCollectionName: labelOf(pluralLabel, language),
    Description: labelOf(`Events of e-mails that Adobe Campaign sent: ${label}.`, language),
    OwnershipType: 'UserOwned',
    IsActivity: true,
    // Both are required of an activity.
    IsAvailableOffline: true,
    IsMailMergeEnabled: { Value: false },
    // Not offered for making one by hand.
    ActivityTypeMask: 0,
    HasActivities: false,
    HasNotes: false,
    PrimaryNameAttribute: 'subject',
    Attributes: [
      {
        '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
        AttributeType: 'String',
        AttributeTypeName: { Value: 'StringType' },
        SchemaName: 'Subject',
        IsPrimaryName: true,
        DisplayName: labelOf('Subject', language),
        RequiredLevel: requiredLevel('None'),
        FormatName: { Value: 'Text' },
        MaxLength: 400,
      },
    ],
  };
}

function columnDefinition(column: TimelineColumnName, prefix: string, language: number): object {
  const common = {
    SchemaName: logicalName(prefix, column.name),
    DisplayName: labelOf(column.label, language),
    RequiredLevel: requiredLevel('None'),
  };
  if (column.type === 'datetime') {
    return {
      '@odata.type': 'Microsoft.Dynamics.CRM.DateTimeAttributeMetadata',
      AttributeType: 'DateTime',
      AttributeTypeName: { Value: 'DateTimeType' },
      Format: 'DateAndTime',
      DateTimeBehavior: { Value: 'UserLocal' },
      ...common,
    };
  }
  return {
    '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
    AttributeType: 'String',
    AttributeTypeName: { Value: 'StringType' },
    FormatName: { Value: column.format ?? 'Text' },
    MaxLength: column.maxLength ?? 200,
    ...common,
  };
}

function requiredLevel(value: 'None'): object {
  return { Value: value, CanBeChanged: true, ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings' };
}

function labelOf(text: string, language: number): object {
  return {
    '@odata.type': 'Microsoft.Dynamics.CRM.Label',
    LocalizedLabels: [
      { '@odata.type': 'Microsoft.Dynamics.CRM.LocalizedLabel', Label: text, LanguageCode: language, IsManaged: false },
    ],
  };
}

/** Labels are taken in the organization's own language only; the text is English all the same, as it is in the app. */
async function baseLanguage(client: SetupClient, { signal }: CallOptions): Promise<number> {
  const purpose = "read the organization's language";
  const response = await client.call({ method: 'GET', path: LANGUAGE_PATH, purpose, signal });
  if (response.status >= 300) throw writeError(response, { purpose });
  const language = languageIn(jsonOf(response, purpose));
  if (language === undefined) throw unexpectedResponse(`Dynamics 365 gave no language when asked to ${purpose}.`);
  return language;
}

async function post(
  client: SetupClient,
  path: string,
  body: object,
  purpose: string,
  options: SetupOptions,
): Promise<void> {
  const headers = { ...JSON_CONTENT, ...(options.solution ? { 'MSCRM.SolutionUniqueName': options.solution } : {}) };
  const request = {
    method: 'POST',
    path,
    headers,
    body: JSON.stringify(body),
    purpose,
    signal: options.signal,
  } as const;
  const response = await client.call(request);
  if (response.status >= 300) throw writeError(response, { purpose });
}
