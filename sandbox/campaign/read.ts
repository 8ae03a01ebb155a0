import { decodeSegment, json, JSON_TYPE, type Incoming, type Reply } from '../http/service';
import type { ApplicationErrors } from './errors';
import { readPKey } from './pkeys';
import type { Api, FieldValue } from './schema';
import { href, recordWriter } from './serialize';
import type { Instance, Resource } from './store';
import { isVisible as isFieldOf } from './values';

type Query = ReadonlyMap<string, string>;

/** A condition on a record, and, where an index knows them, the only slots that can fulfil it. */
interface Condition {
  matches(slot: number): boolean;
  readonly slots?: readonly number[];
}

/** The built-in and custom filters named in a path. Undefined: the segment is no filter, so it is a key. */
export function filterCondition(
  instance: Instance,
  resource: Resource,
  segment: string,
  query: Query,
  errors: ApplicationErrors,
): Condition | undefined {
  const { definition } = resource;
  const parameter = (name: string): string => {
    const value = query.get(name);
    if (value === undefined) throw errors.parameterMissing(name);
    return value;
  };
  const equals = (key: string, value: FieldValue): Condition => ({
    slots: resource.find(key, value),
    matches: (slot) => resource.rows[slot]?.[key] === value,
  });
  if (definition.name === 'profile' && segment === 'byEmail') return equals('email', parameter('email').toLowerCase());
  if (definition.name === 'profile' && segment === 'byText') {
    const text = parameter('text');
    return {
      matches: (slot) =>
        ['lastName', 'firstName', 'email'].some((key) => String(resource.rows[slot]?.[key]).startsWith(text)),
    };
  }
  const isV8 = instance.settings.campaign.product === 'v8';
  const custom = definition.filters.find(
    ({ name }) => segment === (isV8 ? name.charAt(0).toLowerCase() + name.slice(1) : `by${name}`),
  );
  if (!custom) return undefined;
  const field = definition.fields.find((each) => each.key === custom.field);
  return equals(custom.field, parameter(`${field?.name ?? custom.field}_parameter`));
}

/** A page of records. */
export function readList(
  instance: Instance,
  resource: Resource,
  api: Api,
  path: string,
  conditions: readonly Condition[],
  incoming: Incoming,
  query: Query,
  errors: ApplicationErrors,
): Reply {
  const { campaign } = instance.settings;
  const asked = Number(query.get('_lineCount') ?? 25);
  const size = Math.max(1, Math.min(Number.isInteger(asked) && asked > 0 ? asked : 25, campaign.maxLineCount));
  const candidates = candidateSlots(resource, conditions, orderTerms(resource, api, query.get('_order'), errors));
  const start = readLineStart(query.get('_lineStart'));
  const isMatch = (slot: number): boolean =>
    resource.rows[slot] !== undefined &&
    isVisible(instance, resource, slot) &&
    conditions.every((each) => each.matches(slot));

  const slots: number[] = [];
  const length = candidates ? candidates.length : resource.rows.length;
  let position = start;
  for (; position < length; position++) {
    const slot = candidates ? (candidates[position] as number) : position;
    if (!isMatch(slot)) continue;
    if (slots.length === size) break;
    slots.push(slot);
  }
  const write = recordWriter(instance, resource, api, incoming);
  const repeated = incoming.query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('_lineStart'))
    .join('&');
  let body = `{"content":[${slots.map(write).join(',')}]`;
  const suffix = repeated ? `?${repeated}` : '';
  body += `,"count":{"href":${JSON.stringify(href(instance, incoming, `${path}/_count${suffix}`))},"value":null}`;
  const mayPage = resource.count <= campaign.forcePaginationAbove || query.get('_forcePagination') === 'true';
  if (position < length && mayPage) {
    const next = `${path}/?${repeated ? `${repeated}&` : ''}_lineStart=${writeLineStart(position)}`;
    body += `,"next":{"href":${JSON.stringify(href(instance, incoming, next))}}`;
  }
  return { status: 200, headers: JSON_TYPE, body: `${body},"serverSidePagination":true}` };
}

/** The number of records behind a list's `count.href`. */
export function readCount(instance: Instance, resource: Resource, conditions: readonly Condition[]): Reply {
  if (conditions.length === 0 && !instance.settings.campaign.simpleLinks) return json(200, { count: resource.count });
  let count = 0;
  const slots = conditions.find((each) => each.slots)?.slots ?? resource.rows.keys();
  for (const slot of slots) {
    if (!resource.rows[slot] || !isVisible(instance, resource, slot)) continue;
    if (conditions.every((each) => each.matches(slot))) count++;
  }
  return json(200, { count });
}

/** The record that a PKey or a custom key means. @throws Refusal: 404, or Standard's 500 for a PKey that is none */
export function findRecord(resource: Resource, encoded: string, errors: ApplicationErrors): number {
  const key = decodeSegment(encoded);
  const { definition } = resource;
  if (key.startsWith('@')) {
    const found = readPKey(key);
    if (!found || found.resource !== definition.name) throw errors.invalidPKey(key);
    if (!resource.rows[found.slot]) throw errors.notFound(definition.schema, key);
    return found.slot;
  }
  const slot = resource.find(definition.key, key)[0];
  if (slot === undefined) throw errors.notFound(definition.schema, key);
  return slot;
}

/** With simple links, a record whose parent is absent can't be seen. */
export function isVisible(instance: Instance, resource: Resource, slot: number): boolean {
  if (!instance.settings.campaign.simpleLinks) return true;
  return resource.definition.links.every((link) => {
    const own = resource.rows[slot]?.[link.own];
    if (own === undefined || own === '') return true;
    return (instance.resource(link.target)?.find(link.other, own).length ?? 0) > 0;
  });
}

interface OrderTerm {
  readonly key: string;
  readonly sign: 1 | -1;
}

/** The terms of `_order`, like `lastName desc,age`. @throws Refusal for a field that the resource does not have */
function orderTerms(
  resource: Resource,
  api: Api,
  order: string | undefined,
  errors: ApplicationErrors,
): readonly OrderTerm[] {
  const terms = (order ?? '').split(',').map((term) => term.trim().split(/\s+/));
  return terms
    .filter(([name]) => name)
    .map(([name = '', direction = 'asc', ...more]) => {
      const field = resource.fields.get(name);
      if (!field || !isFieldOf(field, api)) throw errors.unknownField(name, resource.definition.name);
      if (!/^(?:asc|desc)$/i.test(direction) || more.length > 0) throw errors.badOrder(order ?? '');
      return { key: field.key, sign: /^desc$/i.test(direction) ? -1 : 1 };
    });
}

function candidateSlots(
  resource: Resource,
  conditions: readonly Condition[],
  terms: readonly OrderTerm[],
): readonly number[] | undefined {
  const slots = conditions.find((each) => each.slots)?.slots;
  if (terms.length === 0) return slots;
  const all = slots ? [...slots] : [...resource.rows.keys()];
  return all
    .filter((slot) => resource.rows[slot])
    .sort((a, b) => {
      for (const { key, sign } of terms) {
        const x = resource.rows[a]?.[key] ?? '';
        const y = resource.rows[b]?.[key] ?? '';
        if (x !== y) return x < y ? -sign : sign;
      }
      return a - b;
    });
}

function writeLineStart(position: number): string {
  return `@${Buffer.from(`line.${position}`).toString('base64url')}`;
}

function readLineStart(text: string | undefined): number {
  const position = /^line\.(\d+)$/.exec(Buffer.from((text ?? '').slice(1), 'base64url').toString('latin1'))?.[1];
  return position === undefined ? 0 : Number(position);
}
