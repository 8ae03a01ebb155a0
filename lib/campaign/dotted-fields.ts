import type { TargetValue } from '../core/change';
import type { CampaignBody, CampaignRecord } from './records';

/** The value of a dotted field in an object of the REST API; undefined where a part of the path is missing. */
export function readField(record: CampaignRecord, name: string): unknown {
  if (!name.includes('.')) return record[name];
  let value: unknown = record;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

type MutableBody = { [field: string]: TargetValue | MutableBody };

/** Nests dotted fields. The objects have no prototype, so no name can reach one. */
export function toBody(fields: Readonly<Record<string, TargetValue>>): CampaignBody {
  const body = Object.create(null) as MutableBody;
  for (const name in fields) {
    const value = fields[name] as TargetValue;
    if (!name.includes('.')) {
      body[name] = value;
      continue;
    }
    const parts = name.split('.');
    const last = parts.pop() as string;
    let inner = body;
    for (const part of parts) {
      const next = inner[part];
      inner = typeof next === 'object' && next !== null ? next : (inner[part] = Object.create(null) as MutableBody);
    }
    inner[last] = value;
  }
  return body;
}

/** Nested objects as dotted fields, the form of a target: `{ location: { city } }` becomes `{ 'location.city': … }`. */
export function flattenFields(value: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) {
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    if (isObject) Object.assign(flat, flattenFields(inner as Record<string, unknown>, `${prefix}${name}.`));
    else flat[`${prefix}${name}`] = inner;
  }
  return flat;
}
