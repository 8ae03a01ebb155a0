import type { ApplicationErrors } from './errors';
import { emptyValue, type Api, type CampaignRow, type FieldDefinition, type FieldValue } from './schema';
import type { Instance, Resource } from './store';
import { readPKey } from './pkeys';

const INTEGERS: Readonly<Record<string, readonly [low: number, high: number, name: string]>> = {
  byte: [-128, 127, 'smallint'],
  short: [-32_768, 32_767, 'smallint'],
  long: [-2_147_483_648, 2_147_483_647, 'integer'],
};

/**
 * Checks a body for POST or PATCH and turns it into values by storage key.
 *
 * @throws Refusal, a permanent 500 in most cases, as the real system does
 */
export function parseBody(
  instance: Instance,
  resource: Resource,
  api: Api,
  body: Readonly<Record<string, unknown>>,
  errors: ApplicationErrors,
): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  const { name: resourceName } = resource.definition;
  const isV8 = instance.settings.campaign.product === 'v8';
  for (const [name, value] of Object.entries(body)) {
    if (name === 'PKey' || name === 'href') throw errors.readOnly(name, resourceName);
    const link = resource.definition.links.find((each) => each.name === name);
    if (link) {
      const linked = linkedValue(instance, link.target, link.other, value, isV8, errors);
      if (linked !== undefined) values[link.own] = linked;
      continue;
    }
    if (isNested(resource, name)) {
      if (typeof value !== 'object' || value === null) throw errors.badValue(name, 'element', value);
      for (const [part, inner] of Object.entries(value as Record<string, unknown>)) {
        setField(resource, api, `${name}.${part}`, inner, values, errors);
      }
      continue;
    }
    setField(resource, api, name, value, values, errors);
  }
  return values;
}

/** Rules that look at the whole record. @throws Refusal */
export function checkRow(
  resource: Resource,
  api: Api,
  row: CampaignRow,
  own: number | undefined,
  errors: ApplicationErrors,
): void {
  const { name, fields } = resource.definition;
  for (const each of fields) {
    if (each.mandatory && row[each.key] === '') throw errors.mandatory(each.name, name);
    if (!each.unique || row[each.key] === '') continue;
    const value = row[each.key] as FieldValue;
    if (resource.find(each.key, value).some((slot) => slot !== own))
      throw errors.duplicate(name, each.name, String(value));
  }
  // Rules such as an integrator of the customer writes them: they have nothing to do with types or lengths.
  if (name !== 'profile' || api !== 'profileAndServicesExt') return;
  if (row['cusBlocked'] === 'LEGAL HOLD')
    throw errors.rule("A profile with the block reason 'LEGAL HOLD' can not be saved.");
  if (row['cusVip'] === true && row['cusSegment'] === 'none') throw errors.mandatory('cusSegment', 'profile');
}

/** Whether Campaign has this part of a record, like `location`. */
export function isNested(resource: Resource, name: string): boolean {
  return resource.definition.fields.some((each) => each.name.startsWith(`${name}.`));
}

export function isVisible(definition: FieldDefinition, api: Api): boolean {
  return !definition.extension || api !== 'profileAndServices';
}

function setField(
  resource: Resource,
  api: Api,
  name: string,
  value: unknown,
  values: Record<string, FieldValue>,
  errors: ApplicationErrors,
): void {
  const definition = resource.fields.get(name);
  const { name: resourceName, schema } = resource.definition;
  if (!definition || !isVisible(definition, api)) throw errors.unknownField(name, resourceName);
  if (definition.readOnly) throw errors.readOnly(name, resourceName);
  values[definition.key] =
    value === null || value === '' ? emptyValue(definition) : parseValue(definition, value, schema, errors);
}

function parseValue(
  definition: FieldDefinition,
  value: unknown,
  schema: string,
  errors: ApplicationErrors,
): FieldValue {
  const wrong = (): never => {
    throw errors.badValue(definition.name, definition.kind, value);
  };
  switch (definition.kind) {
    case 'string':
    case 'memo': {
      if (typeof value === 'object' || value === undefined) return wrong();
      let text = String(value);
      if (definition.dataPolicy === 'email') {
        text = text.trim().toLowerCase();
        if (!/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text)) throw errors.badEmail(text);
      }
      if (definition.dataPolicy === 'smartCase') text = smartCase(text);
      if (text.length > (definition.length ?? Infinity)) throw errors.tooLong(definition.length ?? 0);
      // PostgreSQL has no NUL in text.
      return text.includes('\u0000') ? wrong() : text;
    }
    case 'boolean':
      if (typeof value === 'boolean') return value;
      if (value === 1 || value === 'true' || value === '1') return true;
      return value === 0 || value === 'false' || value === '0' ? false : wrong();
    case 'byte':
    case 'short':
    case 'long': {
      const number = toNumber(value);
      if (number === undefined || !Number.isInteger(number)) return wrong();
      const [low, high, name] = INTEGERS[definition.kind] as readonly [number, number, string];
      if (number < low || number > high) throw errors.outOfRange(name);
      return number;
    }
    case 'float':
    case 'double':
      return toNumber(value) ?? wrong();
    case 'date': {
      const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(value));
      return parts && isRealDate(parts) ? String(value) : wrong();
    }
    case 'datetime': {
      const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,3})?Z$/.exec(String(value));
      if (!parts || !isRealDate(parts)) return wrong();
      const ms = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${parts[5] ?? ''}Z`);
      return Number.isNaN(ms) ? wrong() : new Date(ms).toISOString().replace('T', ' ');
    }
    case 'enumeration': {
      const text = String(value);
      if (!definition.values?.some((each) => each.name === text))
        throw errors.badEnumeration(schema, definition.name, text);
      return text;
    }
  }
}

function toNumber(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
        ? Number(value)
        : undefined;
  return number !== undefined && Number.isFinite(number) ? number : undefined;
}

/** A day of the calendar within the years that Campaign's database takes here, 1753 to 2999. */
function isRealDate(parts: RegExpExecArray): boolean {
  const [, year, month, day] = parts.map(Number) as [number, number, number, number];
  if (year < 1753 || year > 2999) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function smartCase(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|[\s\-'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** A link is set by PKey alone. Standard passes over a link object without one; v8 refuses it. */
function linkedValue(
  instance: Instance,
  targetName: string,
  otherField: string,
  value: unknown,
  isV8: boolean,
  errors: ApplicationErrors,
): FieldValue | undefined {
  if (value === null) return '';
  const pkey = (value as { PKey?: unknown }).PKey;
  if (typeof pkey !== 'string') {
    if (isV8) throw errors.badValue(targetName, 'link', 'object');
    return undefined;
  }
  const found = readPKey(pkey);
  const row = found?.resource === targetName ? instance.resource(targetName)?.rows[found.slot] : undefined;
  if (!row) throw errors.invalidPKey(pkey);
  return row[otherField];
}
