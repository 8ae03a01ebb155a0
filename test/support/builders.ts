import type { DeleteChange, Target, UpsertChange } from '../../lib/core/change';
import type { Column, Field, Resource, ResourceDescription, Table, TableDescription } from '../../lib/core/metadata';

export const ID = '8a4c0e6e-6b0f-4d1c-9f3e-000000000001';

export function column(name: string, type: Column['type'], more: Partial<Column> = {}): Column {
  return { name, label: name, type, updatable: true, ...more };
}

export function field(name: string, type: Field['type'], more: Partial<Field> = {}): Field {
  return { name, label: name, type, mandatory: false, readOnly: false, ...more };
}

/** A table named by the rules of most: `account` with the set `accounts` and the key `accountid`. */
export function table(name: string, more: Partial<Table> = {}): Table {
  return {
    name,
    setName: `${name}s`,
    label: name,
    primaryId: `${name}id`,
    primaryName: null,
    changeTracking: false,
    ...more,
  };
}

export const CONTACT = table('contact', { label: 'Contact', primaryName: 'fullname', changeTracking: true });
export const PROFILE: Resource = { name: 'profile', api: 'profileAndServicesExt', label: 'Profile' };

/** The table of contacts with its key and these columns. */
export function tableOf(...columns: Column[]): TableDescription {
  return { table: CONTACT, columns: [column('contactid', 'uniqueidentifier'), ...columns] };
}

/** The resource of profiles with its key and these fields. */
export function resourceOf(...fields: Field[]): ResourceDescription {
  return { resource: PROFILE, fields: [field('externalId', 'string', { maxLength: 100 }), ...fields] };
}

/** Columns or fields by their names. */
export function byName<T extends { readonly name: string }>(...described: T[]): Map<string, T> {
  return new Map(described.map((each) => [each.name, each]));
}

/** The options of Dynamics 365's own columns like `donotemail`. */
export const ALLOW_OPTIONS = [
  { value: 0, label: 'Allow' },
  { value: 1, label: 'Do Not Allow' },
];

export const GENDER_OPTIONS = [
  { value: 1, label: 'Male' },
  { value: 2, label: 'Female' },
  { value: 3, label: 'Diverse' },
];

export const GENDER_VALUES = [
  { name: 'unknown', label: 'Not specified' },
  { name: 'male', label: 'Herr' },
  { name: 'female', label: 'Frau' },
];

export function upsert(
  record: UpsertChange['record'],
  labels: UpsertChange['labels'] = {},
  more: Partial<UpsertChange> = {},
): UpsertChange {
  return {
    change: 'upsert',
    reason: 'changed',
    table: 'contact',
    id: ID,
    modifiedOn: '2026-11-21T16:30:00Z',
    initial: false,
    record,
    labels,
    ...more,
  };
}

/** Where and what to write: a profile by its external ID. */
export function target(key: string, fields: Target['fields'] = {}, more: Partial<Target> = {}): Target {
  return {
    resource: PROFILE.name,
    api: PROFILE.api,
    key: { field: 'externalId', value: key },
    fields,
    loadAndCreationFields: {},
    creationFields: {},
    ...more,
  };
}

export function deletion(more: Partial<DeleteChange> = {}): DeleteChange {
  return { change: 'delete', reason: 'deleted', table: 'contact', id: ID, modifiedOn: null, initial: false, ...more };
}
