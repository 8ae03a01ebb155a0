import { decodeSegment, type Incoming, type Reply } from '../http/service';
import { badRequest, refuse } from './errors';
import { column, text, type ColumnDefinition } from './schema';
import type { Organization } from './state';
import { activityTable } from './tables/timeline';
import { parseJson } from './write';

type Json = Readonly<Record<string, unknown>>;

const NAME = /^[a-z][a-z0-9]{1,7}_[A-Za-z]\w*$/;
const DONE: Reply = { status: 204, headers: { 'OData-Version': '4.0' } };

/** POST below `EntityDefinitions`: activity tables, and texts and moments as their columns. `rest`: the path behind that word. */
export function define(organization: Organization, incoming: Incoming, rest: string): Reply {
  const body = parseJson(incoming.body);
  if (rest === '') return defineTable(organization, body);
  const name = /^\(LogicalName='([^']*)'\)\/Attributes$/.exec(decodeSegment(rest))?.[1];
  const table = name === undefined ? undefined : organization.table(name);
  if (!table) throw refuse(404, '0x80060888', `Could not find an entity with specified entity name: ${name ?? rest}`);
  const added = columnOf(body);
  if (table.definition.columns.some((each) => each.name === added.name)) {
    throw invalid(`An attribute with the specified name ${added.name} already exists`);
  }
  table.redefine({ ...table.definition, columns: [...table.definition.columns, added] }, organization.now());
  return DONE;
}

function defineTable(organization: Organization, body: Json): Reply {
  if (body['@odata.type'] !== 'Microsoft.Dynamics.CRM.EntityMetadata') throw badRequest('EntityMetadata expected.');
  const schemaName = schemaNameOf(body);
  const name = schemaName.toLowerCase();
  if (organization.table(name)) throw invalid(`An entity with the specified name ${name} already exists`);
  if (body['IsActivity'] !== true) throw invalid('The sandbox makes activity tables only.');
  if (body['IsAvailableOffline'] !== true) throw invalid('An activity entity must be available offline.');
  if (body['OwnershipType'] !== 'UserOwned') throw invalid('An activity entity must be owned by users or teams.');
  const attributes = body['Attributes'];
  const primary = Array.isArray(attributes) ? (attributes as Json[]) : [];
  if (primary.length !== 1 || primary[0]?.['SchemaName'] !== 'Subject' || primary[0]['IsPrimaryName'] !== true) {
    throw invalid('The primary attribute of an activity entity must be Subject.');
  }
  organization.add(
    activityTable({
      name,
      schemaName,
      label: labelOf(body['DisplayName']),
      pluralLabel: labelOf(body['DisplayCollectionName']),
      objectTypeCode: 10_500 + organization.all().length,
      subjectLength: Number(primary[0]['MaxLength']),
      columns: [],
    }),
  );
  return DONE;
}

function columnOf(body: Json): ColumnDefinition {
  const name = schemaNameOf(body).toLowerCase();
  const label = labelOf(body['DisplayName']);
  switch (body['@odata.type']) {
    case 'Microsoft.Dynamics.CRM.StringAttributeMetadata': {
      const length = Number(body['MaxLength']);
      if (!Number.isInteger(length) || length < 1 || length > 4_000) throw invalid('MaxLength must be 1 to 4000.');
      return text(name, label, length);
    }
    case 'Microsoft.Dynamics.CRM.DateTimeAttributeMetadata':
      return column(name, 'datetime', label);
    default:
      throw invalid('The sandbox makes texts and moments only.');
  }
}

function schemaNameOf(body: Json): string {
  const name = body['SchemaName'];
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw invalid('The name must begin with the prefix of a publisher.');
}

function labelOf(value: unknown): string {
  const labels = (value as { LocalizedLabels?: { Label?: unknown; LanguageCode?: unknown }[] } | undefined)
    ?.LocalizedLabels;
  const label = labels?.find(({ LanguageCode }) => LanguageCode === 1_033)?.Label;
  if (typeof label === 'string' && label !== '') return label;
  throw invalid("A label in the organization's language 1033 is missing.");
}

const invalid = (message: string): Error => refuse(400, '0x80040203', message);
