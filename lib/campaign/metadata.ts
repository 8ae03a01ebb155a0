import { z } from 'zod';
import { entryOf } from '../core/entry-of';
import type { CampaignApi } from '../core/change';
import type { Field, FieldType, Resource } from '../core/metadata';

const yes = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).catch(false);
const text = z.string().catch('');

const fieldShape = z.object({
  label: text,
  type: text,
  resType: text,
  length: z.coerce.number().catch(0),
  mandatory: yes.optional().transform((value) => value ?? false),
  readOnly: yes.optional().transform((value) => value ?? false),
  dataPolicy: text,
  values: z.unknown(),
});

/** `resType`, or `type` where it is missing, to ours. */
const TYPE_OF: Readonly<Record<string, FieldType>> = {
  string: 'string',
  memo: 'string',
  html: 'string',
  CDATA: 'string',
  cdata: 'string',
  uuid: 'string',
  byte: 'integer',
  short: 'integer',
  long: 'integer',
  int64: 'integer',
  integer: 'integer',
  number: 'double',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  datetimetz: 'datetime',
  datetimenotz: 'datetime',
  timestamp: 'datetime',
  link: 'link',
  enumeration: 'enumeration',
};

/** Properties of a field's entry that hold nested fields. */
const NESTING = ['content', 'fields', 'attributes'];

/**
 * The fields of a resource's `content`. Nested ones get dotted names. Collections are left out: they are no fields that
 * can be set.
 */
export function fieldsOf(content: unknown, prefix = ''): Field[] {
  const fields: Field[] = [];
  for (const [name, entry] of entriesOf(content)) {
    const nested = NESTING.map((property) => entry[property]).find((value) => entriesOf(value).length > 0);
    if (nested !== undefined && entry['resType'] !== 'link' && entry['type'] !== 'link') {
      fields.push(...fieldsOf(nested, `${prefix}${name}.`));
      continue;
    }
    const field = toField(prefix + name, entry);
    if (field) fields.push(field);
    // Without a type of its own, an entry is a group of fields.
    else if (entry['type'] === undefined) fields.push(...fieldsOf(entry, `${prefix}${name}.`));
  }
  return fields;
}

function toField(name: string, entry: Readonly<Record<string, unknown>>): Field | undefined {
  if (typeof entry['type'] !== 'string' || entry['type'] === 'collection') return undefined;
  const shape = fieldShape.parse(entry);
  const type = typeOf(shape.type, shape.resType);
  const values = type === 'enumeration' ? valuesOf(shape.values) : undefined;
  return {
    name,
    label: shape.label || name,
    type,
    ...(type === 'string' && shape.length > 0 ? { maxLength: shape.length } : {}),
    // The types that hold less than Campaign's usual 32 bits.
    ...(shape.resType === 'byte' || shape.resType === 'short' ? { resType: shape.resType } : {}),
    mandatory: shape.mandatory,
    readOnly: shape.readOnly,
    ...(values ? { values } : {}),
    ...(shape.dataPolicy && shape.dataPolicy !== 'none' ? { dataPolicy: shape.dataPolicy } : {}),
  };
}

function typeOf(type: string, resType: string): FieldType {
  if (type === 'enumeration' || resType === 'enum') return 'enumeration';
  if (type === 'link') return 'link';
  return entryOf(TYPE_OF, resType) ?? entryOf(TYPE_OF, type) ?? 'other';
}

/** Entries of an enumeration. Their exact form is not public: a list, or an object by name; names, or objects. */
function valuesOf(raw: unknown): { name: string; label: string }[] | undefined {
  const entries: [string | undefined, unknown][] = Array.isArray(raw)
    ? raw.map((entry: unknown) => [undefined, entry])
    : typeof raw === 'object' && raw !== null
      ? Object.entries(raw)
      : [];
  const values = [];
  for (const [key, entry] of entries) {
    if (typeof entry === 'string') {
      values.push({ name: key ?? entry, label: entry });
    } else if (typeof entry === 'object' && entry !== null) {
      const { name, value, label } = entry as { name?: unknown; value?: unknown; label?: unknown };
      const internal = [name, key, value].find((each) => typeof each === 'string' && each !== '') as string | undefined;
      if (internal !== undefined)
        values.push({ name: internal, label: typeof label === 'string' && label ? label : internal });
    }
  }
  return values.length > 0 ? values : undefined;
}

/** The resources of the map that `GET /<api>/` gives. */
export function resourcesOf(map: unknown, api: CampaignApi): Resource[] {
  return entriesOf(map)
    .filter(
      ([, entry]) =>
        entry['type'] === 'collection' || typeof entry['href'] === 'string' || entry['content'] !== undefined,
    )
    .map(([name, entry]) => ({
      name,
      api,
      // Of Adobe's own example no entry has a label; `help` is what comes nearest.
      label: textOf(entry['label']) ?? textOf(entry['help']) ?? name,
    }));
}

const textOf = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

function entriesOf(value: unknown): [string, Readonly<Record<string, unknown>>][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter(
    (entry): entry is [string, Record<string, unknown>] =>
      typeof entry[1] === 'object' && entry[1] !== null && !Array.isArray(entry[1]),
  );
}
