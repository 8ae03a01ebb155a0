import { json, type Incoming, type Reply } from '../http/service';
import { writePKey } from './pkeys';
import type { Api, FieldDefinition, FieldKind } from './schema';
import { href } from './serialize';
import type { Instance, Resource } from './store';
import { isVisible } from './values';

/** The resources of one API, in the form of docs/facts/campaign.md, "Resources": an entry has no label, only `help`. */
export function resourceMap(instance: Instance, api: Api, incoming: Incoming): Reply {
  const map: Record<string, unknown> = {};
  for (const { definition } of instance.all()) {
    if (!definition.apis.includes(api)) continue;
    map[definition.name] = {
      content: { href: href(instance, incoming, `${api}/resourceType/${definition.name}/content/`) },
      data: `/${api}/${definition.name}/`,
      help: definition.label,
      href: href(instance, incoming, `${api}/${definition.name}/metadata`),
      name: definition.name,
      type: 'collection',
    };
  }
  return json(200, { apiName: 'resourceType', ...map });
}

/** Metadata of one resource. */
export function resourceType(instance: Instance, resource: Resource, api: Api, incoming: Incoming): Reply {
  const { definition } = resource;
  const content: Record<string, Record<string, unknown>> = {};
  for (const each of definition.fields) {
    if (!isVisible(each, api)) continue;
    const [first = '', second] = each.name.split('.');
    if (second === undefined) {
      content[first] = fieldJson(instance, each, first);
      continue;
    }
    const group = (content[first] ??= {
      apiName: first,
      category: '01_general',
      content: {},
      label: first.charAt(0).toUpperCase() + first.slice(1),
      metadata: 'element',
      readOnly: false,
      type: 'element',
    });
    (group['content'] as Record<string, unknown>)[second] = fieldJson(instance, each, second);
  }
  for (const link of definition.links) {
    content[link.name] = {
      apiName: link.name,
      category: '99_none',
      label: link.label,
      mandatory: false,
      metadata: 'link',
      readOnly: false,
      resTarget: link.target,
      resType: 'link',
      type: 'link',
    };
  }
  if (definition.name === 'profile') {
    content['subscriptions'] = {
      apiName: 'subscriptions',
      label: 'Subscriptions',
      metadata: 'link',
      readOnly: false,
      resTarget: 'service',
      resType: 'link',
      type: 'collection',
    };
  }
  const self = `${api}/resourceType/${definition.name}`;
  return json(200, {
    PKey: writePKey('resourceType', 0),
    apiName: 'resourceType',
    content,
    data: `/${api}/${definition.name}/`,
    filters: { href: href(instance, incoming, `${self}/filters/`) },
    help: definition.label,
    href: href(instance, incoming, self),
    label: definition.label,
    name: definition.name,
    schema: definition.schema,
    type: 'item',
  });
}

/** The filters of one resource, at the `filters.href` of its metadata. */
export function resourceFilters(instance: Instance, resource: Resource): Reply {
  const isV8 = instance.settings.campaign.product === 'v8';
  const filters: Record<string, unknown> = {};
  if (resource.definition.name === 'profile') {
    filters['byText'] = { apiName: 'byText', label: 'By name or email', data: { text: { type: 'string' } } };
    filters['byEmail'] = { apiName: 'byEmail', label: 'By email', data: { email: { type: 'string' } } };
  }
  for (const { name, field } of resource.definition.filters) {
    const apiName = isV8 ? name.charAt(0).toLowerCase() + name.slice(1) : `by${name}`;
    filters[apiName] = { apiName, label: `By ${field}`, data: { [`${field}_parameter`]: { type: 'string' } } };
  }
  return json(200, filters);
}

const TYPES: Readonly<Record<FieldKind, readonly [type: string, resType: string]>> = {
  string: ['string', 'string'],
  memo: ['string', 'memo'],
  boolean: ['boolean', 'boolean'],
  byte: ['number', 'byte'],
  short: ['number', 'short'],
  long: ['number', 'long'],
  float: ['number', 'float'],
  double: ['number', 'double'],
  date: ['date', 'date'],
  datetime: ['datetime', 'datetime'],
  enumeration: ['enumeration', 'string'],
};

function fieldJson(instance: Instance, definition: FieldDefinition, apiName: string): Record<string, unknown> {
  const [type, resType] = TYPES[definition.kind];
  const entries = definition.values?.map((each) => ({ name: each.name, label: each.label }));
  const values =
    entries && instance.settings.campaign.enumerationValues === 'map'
      ? Object.fromEntries(entries.map((each) => [each.name, each]))
      : entries;
  return {
    apiName,
    category: definition.extension ? '99_none' : '01_general',
    dataPolicy: definition.dataPolicy ?? '',
    label: definition.label,
    length: String(definition.length ?? 0),
    mandatory: definition.mandatory ?? false,
    metadata: 'attribute',
    queryable: true,
    readOnly: definition.readOnly ?? false,
    resName: '',
    resType,
    sortable: true,
    type,
    ...(values ? { values } : {}),
  };
}
