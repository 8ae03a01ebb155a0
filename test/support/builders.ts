import type { DeleteChange, UpsertChange } from '../../lib/core/change';
import type { Column, Field, ResourceDescription, TableDescription } from '../../lib/core/metadata';

export const ID = '8a4c0e6e-6b0f-4d1c-9f3e-000000000001';

export function column(name: string, type: Column['type'], more: Partial<Column> = {}): Column {
  return { name, label: name, type, updatable: true, ...more };
}

export function field(name: string, type: Field['type'], more: Partial<Field> = {}): Field {
  return { name, label: name, type, mandatory: false, readOnly: false, ...more };
}

export function tableOf(...columns: Column[]): TableDescription {
  return {
    table: {
      name: 'contact',
      setName: 'contacts',
      label: 'Contact',
      primaryId: 'contactid',
      primaryName: 'fullname',
      changeTracking: true,
    },
    columns: [column('contactid', 'uniqueidentifier'), ...columns],
  };
}

export function resourceOf(...fields: Field[]): ResourceDescription {
  return {
    resource: { name: 'profile', api: 'profileAndServicesExt', label: 'Profile' },
    fields: [field('externalId', 'string', { maxLength: 100 }), ...fields],
  };
}

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

export function deletion(more: Partial<DeleteChange> = {}): DeleteChange {
  return { change: 'delete', reason: 'deleted', table: 'contact', id: ID, modifiedOn: null, initial: false, ...more };
}

/** What a function throws; fails the test if it throws nothing. */
export function thrown(run: () => unknown): {
  code?: string;
  message: string;
  hint?: string;
  mappingLine?: number;
  field?: string;
} {
  try {
    run();
  } catch (error) {
    return error as { message: string };
  }
  throw new Error('nothing was thrown');
}
