import { randomUUID } from 'node:crypto';
import { decodeSegment, json, type Incoming, type Reply } from '../http/service';
import { badRequest, noPrivilege, noRow, noSegment, refuse } from './errors';
import { readRow } from './read';
import { options, preferences } from './request';
import type { Row, Value } from './schema';
import type { Organization } from './state';
import type { Table } from './store';
import { checkStateAndStatus, defaults, parseBody } from './values';

/** Which row a URL means: by primary key, or by an alternate key. */
export interface RowKey {
  readonly slot: number | undefined;
  /** Values that a row created by this URL gets. */
  readonly values: Readonly<Record<string, Value>>;
  readonly byId: boolean;
  readonly text: string;
}

/** Characters with which an alternate key works in no URL, however they are encoded. */
const NOT_IN_KEYS = /[/\\#<>*%&:?+]/;

/** A slash ends the segment, wherever it is decoded; the others are refused. */
function refuseKey(text: string): Error {
  return text.includes('/')
    ? noSegment(text.slice(text.indexOf('/') + 1))
    : refuse(400, '0x80060888', 'A potentially dangerous Request.Path value was detected from the client.');
}

/** @throws Refusal (400, 0x80060888) when the key in the URL is neither a GUID nor an active alternate key */
export function parseKey(table: Table, encoded: string): RowKey {
  const text = decodeSegment(encoded);
  const { primaryId } = table.definition;
  const guid = new RegExp(`^(?:${primaryId}=)?'?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})'?$`, 'i').exec(text)?.[1];
  if (guid) {
    const id = guid.toLowerCase();
    return { slot: table.slotOf(id), values: { [primaryId]: id }, byId: true, text: id };
  }
  if (NOT_IN_KEYS.test(text)) throw refuseKey(text);
  const values: Record<string, Value> = {};
  for (const part of text.matchAll(/([A-Za-z_]\w*)=(?:'((?:[^']|'')*)'|([^,]+))(?:,|$)/g)) {
    values[part[1] ?? ''] = part[2] === undefined ? Number(part[3]) : part[2].replaceAll("''", "'");
  }
  const names = Object.keys(values);
  const key = table.definition.keys.find(
    (each) =>
      each.status === 'Active' && each.columns.length === names.length && each.columns.every((name) => name in values),
  );
  if (!key)
    throw badRequest('The key in the request URI is not valid for resource. Specify a GUID or an alternate key.');
  const slot = table.findByKey(
    key.columns,
    key.columns.map((name) => values[name] ?? null),
  );
  return { slot, values, byId: false, text: names.map((name) => `${name}=${String(values[name])}`).join(',') };
}

export function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below like any other body that is no object.
  }
  throw refuse(400, '0x80048d19', 'Error identified in Payload provided by the user: the body is not a JSON object.');
}

/** POST to a table. */
export function createRow(organization: Organization, table: Table, incoming: Incoming): Reply {
  const slot = insertRow(organization, table, parseJson(incoming.body), {});
  return written(organization, table, slot, incoming, 201);
}

/** PATCH of a row: an upsert, unless If-Match or If-None-Match says otherwise. */
export function patchRow(organization: Organization, table: Table, encodedKey: string, incoming: Incoming): Reply {
  const key = parseKey(table, encodedKey);
  const ifMatch = incoming.headers['if-match'];
  if (key.slot === undefined) {
    if (ifMatch !== undefined) throw missing(table, key);
    const slot = insertRow(organization, table, parseJson(incoming.body), key.values);
    return written(organization, table, slot, incoming, 201);
  }
  if (incoming.headers['if-none-match'] === '*') {
    throw refuse(412, '0x80040237', 'A record with matching key values already exists.');
  }
  checkVersion(organization, table, key.slot, ifMatch);
  updateRow(organization, table, key.slot, parseJson(incoming.body));
  return written(organization, table, key.slot, incoming, 200);
}

export function deleteRow(organization: Organization, table: Table, encodedKey: string, incoming: Incoming): Reply {
  const key = parseKey(table, encodedKey);
  if (key.slot === undefined) throw missing(table, key);
  checkVersion(organization, table, key.slot, incoming.headers['if-match']);
  organization.remove(table, key.slot);
  return { status: 204, headers: { 'OData-Version': '4.0' } };
}

/** CreateMultiple, UpdateMultiple, UpsertMultiple: all rows or none. */
export function writeMultiple(organization: Organization, table: Table, action: string, incoming: Incoming): Reply {
  const multiple = /^(Create|Update|Upsert)Multiple$/.exec(action);
  if (!multiple || organization.settings.dataverse.withoutMultiple.includes(table.definition.name)) {
    throw refuse(404, '0x80060888', `Resource not found for the segment 'Microsoft.Dynamics.CRM.${action}'.`);
  }
  const targets = parseJson(incoming.body)['Targets'];
  if (!Array.isArray(targets) || targets.length === 0)
    throw refuse(400, '0x80040203', 'The parameter Targets is empty.');
  const type = `Microsoft.Dynamics.CRM.${table.definition.name}`;
  const ids = organization.transaction(() =>
    (targets as Record<string, unknown>[]).map((target) => {
      const odataType = String(target['@odata.type'] ?? '').replace(/^#/, '');
      if (odataType !== type) throw refuse(400, '0x80048d19', `Targets need "@odata.type": "${type}".`);
      const id = String(target[table.definition.primaryId] ?? '').toLowerCase();
      const slot = table.slotOf(id);
      if (multiple[1] === 'Create' || (multiple[1] === 'Upsert' && slot === undefined)) {
        return idOf(table, insertRow(organization, table, target, {}));
      }
      if (slot === undefined) throw noRow(table.definition.name, id);
      updateRow(organization, table, slot, target);
      return id;
    }),
  );
  return multiple[1] === 'Create' ? json(200, { Ids: ids }, { 'OData-Version': '4.0' }) : { status: 204 };
}

function insertRow(
  organization: Organization,
  table: Table,
  body: Readonly<Record<string, unknown>>,
  fromUrl: Readonly<Record<string, Value>>,
): number {
  const values = parseBody(organization, table, body);
  const { primaryId } = table.definition;
  // Values of the body win over the URL's.
  const row: Record<string, Value> = { ...defaults(table, organization.timestamp()), ...fromUrl, ...values };
  row[primaryId] ??= randomUUID();
  checkStateAndStatus(table, row, row);
  if (table.slotOf(row[primaryId] as string) !== undefined) {
    throw refuse(412, '0x80040237', 'A record with matching key values already exists.');
  }
  checkAlternateKeys(table, row, undefined);
  organization.insert(table, row);
  return table.length - 1;
}

function updateRow(
  organization: Organization,
  table: Table,
  slot: number,
  body: Readonly<Record<string, unknown>>,
): void {
  const values = parseBody(organization, table, body);
  delete values[table.definition.primaryId];
  const before = table.rowAt(slot);
  checkStateAndStatus(table, before, values);
  const row = { ...before, ...values, ...('modifiedon' in before ? { modifiedon: organization.timestamp() } : {}) };
  checkAlternateKeys(table, row, slot, values);
  organization.replace(table, slot, row);
}

function checkAlternateKeys(table: Table, row: Row, own: number | undefined, changed: Row = row): void {
  for (const key of table.definition.keys) {
    if (key.status !== 'Active' || !key.columns.some((name) => name in changed)) continue;
    const values = key.columns.map((name) => row[name] ?? null);
    if (values.includes(null)) continue;
    const other = table.findByKey(key.columns, values);
    if (other !== undefined && other !== own) {
      throw refuse(
        412,
        '0x80060892',
        `A record that has the attribute values ${key.columns.join(', ')} already exists. The entity key ${key.name} requires that this set of attributes contains unique values. Select unique values and try again.`,
      );
    }
  }
}

function checkVersion(organization: Organization, table: Table, slot: number, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  const { withoutConcurrency, withoutConcurrencyStatus } = organization.settings.dataverse;
  if (withoutConcurrency.includes(table.definition.name)) {
    throw refuse(
      withoutConcurrencyStatus,
      '0x8006088d',
      `Optimistic concurrency isn't enabled for entity type ${table.definition.name}. The IfRowVersionMatches value for ConcurrencyBehavior is invalid.`,
    );
  }
  if (/^(?:W\/)?"(\d+)"$/.exec(ifMatch)?.[1] !== String(table.versions[slot])) {
    throw refuse(
      412,
      '0x80060882',
      "The version of the existing record doesn't match the RowVersion property provided.",
    );
  }
}

function missing(table: Table, key: RowKey): Error {
  return key.byId
    ? noRow(table.definition.name, key.text)
    : refuse(
        404,
        '0x80060891',
        `A record with the specified key values does not exist in ${table.definition.name} entity`,
      );
}

/** GET of a row by its key. */
export function getRow(organization: Organization, table: Table, encodedKey: string, incoming: Incoming): Reply {
  const key = parseKey(table, encodedKey);
  if (key.slot === undefined) throw missing(table, key);
  if (organization.settings.dataverse.unreadableRows.includes(table.idAt(key.slot))) {
    throw noPrivilege(table.definition.name, 'Read');
  }
  const { body, version } = readRow(organization, table, key.slot, incoming, options(incoming), preferences(incoming));
  const etag = `W/"${version}"`;
  if (incoming.headers['if-none-match'] === etag) return { status: 304, headers: { ETag: etag } };
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json; odata.metadata=minimal', 'OData-Version': '4.0', ETag: etag },
    body,
  };
}

/** @throws Refusal (403) when the settings deny the table */
export function checkPrivilege(organization: Organization, table: Table, right: 'Read' | 'Write'): void {
  if (organization.settings.dataverse.deniedTables.includes(table.definition.name)) {
    throw noPrivilege(table.definition.name, right);
  }
}

function idOf(table: Table, slot: number): string {
  return table.idAt(slot);
}

function written(organization: Organization, table: Table, slot: number, incoming: Incoming, status: 200 | 201): Reply {
  const entity = `${incoming.origin}/api/data/v9.2/${table.definition.setName}(${idOf(table, slot)})`;
  const preferred = preferences(incoming);
  const headers = { 'OData-Version': '4.0', 'OData-EntityId': entity };
  if (!preferred.returnRepresentation) return { status: 204, headers };
  const { body } = readRow(organization, table, slot, incoming, options(incoming), preferred);
  return {
    status,
    headers: {
      ...headers,
      'Content-Type': 'application/json; odata.metadata=minimal',
      'Preference-Applied': 'return=representation',
    },
    body,
  };
}
