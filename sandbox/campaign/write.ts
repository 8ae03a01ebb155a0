import { json, JSON_TYPE, type Incoming, type Reply } from '../http/service';
import type { ApplicationErrors } from './errors';
import { isVisible } from './read';
import { writePKey } from './pkeys';
import type { Api, CampaignRow, FieldValue } from './schema';
import { href, recordWriter } from './serialize';
import type { Instance, Resource } from './store';
import { checkRow, parseBody } from './values';

/** What the writes report to: Campaign counts engine calls. */
export type CountEngineCalls = (calls: 1 | 2) => void;

export function createRecord(
  instance: Instance,
  resource: Resource,
  api: Api,
  incoming: Incoming,
  errors: ApplicationErrors,
  count: CountEngineCalls,
): Reply {
  const values = parseBody(instance, resource, api, parse(incoming.body, errors), errors);
  const row = instance.complete(resource, values) as Record<string, FieldValue>;
  checkRow(resource, api, row, undefined, errors);
  instance.stamp(resource, undefined, row);
  const slot = resource.insert(row);
  count(1);
  return { status: 201, headers: JSON_TYPE, body: recordWriter(instance, resource, api, incoming)(slot) };
}

/** `byKey`: the URL names the record by its custom key, which then can't be changed. */
export function patchRecord(
  instance: Instance,
  resource: Resource,
  api: Api,
  slot: number,
  byKey: boolean,
  incoming: Incoming,
  errors: ApplicationErrors,
  count: CountEngineCalls,
): Reply {
  const isV8 = instance.settings.campaign.product === 'v8';
  const { definition } = resource;
  const before = resource.rows[slot] as CampaignRow;
  if (isV8 && incoming.body.trim() === '') return { status: 204 };
  const body = parse(incoming.body === '' ? '{}' : incoming.body, errors);
  if (isV8 && Object.keys(body).length === 0) return { status: 204 };
  if (isV8 && 'location' in body) throw errors.readOnly('location', definition.name);
  if (!isVisible(instance, resource, slot)) throw errors.noParent(definition.name);
  const values = parseBody(instance, resource, api, body, errors);
  const key = values[definition.key];
  if (key !== undefined && key !== before[definition.key] && (byKey || definition.fixedKey)) {
    throw errors.keyChanged(definition.name, String(before[definition.key]), String(key));
  }
  const row: Record<string, FieldValue> = { ...before, ...values };
  checkRow(resource, api, row, slot, errors);
  const changed = Object.keys(values).some((name) => values[name] !== before[name]);
  if (changed) {
    instance.stamp(resource, before, row);
    resource.replace(slot, row);
  }
  count(changed ? 2 : 1);
  const pkey = writePKey(definition.name, slot);
  return json(200, { PKey: pkey, href: href(instance, incoming, `${api}/${definition.name}/${pkey}`) });
}

export function deleteRecord(
  instance: Instance,
  resource: Resource,
  slot: number,
  errors: ApplicationErrors,
  count: CountEngineCalls,
): Reply {
  if (!isVisible(instance, resource, slot)) throw errors.noParent(resource.definition.name);
  resource.remove(slot);
  count(1);
  return { status: 200 };
}

function parse(text: string, errors: ApplicationErrors): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below like any other body that is no object.
  }
  throw errors.badJson();
}
