import { noProperty } from './errors';
import type { Options } from './request';

export type Json = Record<string, unknown>;

/** Only the properties of `$select`; MetadataId and what was expanded stay. */
export function project(item: Json, query: Options, type: string): Json {
  const select = query.get('$select');
  const expanded = expandedNames(query);
  if (select === undefined) {
    return Object.fromEntries(Object.entries(item).filter(([name]) => !NAVIGATIONS.has(name) || expanded.has(name)));
  }
  const chosen: Json = {};
  if ('@odata.type' in item) chosen['@odata.type'] = item['@odata.type'];
  for (const name of select.split(',').map((each) => each.trim())) {
    if (!(name in item)) throw noProperty(name, type);
    chosen[name] = item[name];
  }
  for (const name of expanded.keys()) if (name in item) chosen[name] = item[name];
  chosen['MetadataId'] = item['MetadataId'];
  return chosen;
}

const NAVIGATIONS = new Set(['OptionSet', 'GlobalOptionSet', 'Attributes', 'Keys', 'ManyToOneRelationships']);

/** `$expand` as names with the `$select` in their parentheses. */
export function expandedNames(query: Options): Map<string, Options> {
  const names = new Map<string, Options>();
  const text = query.get('$expand') ?? '';
  for (const part of text.matchAll(/([A-Za-z]+)(?:\(([^()]*)\))?/g)) {
    const name = part[1] ?? '';
    if (!NAVIGATIONS.has(name)) throw noProperty(name, 'EntityMetadata');
    const inner = (part[2] ?? '').split(';').map((each) => each.split('=') as [string, string]);
    names.set(name, new Map(inner.filter(([key]) => key !== '')));
  }
  return names;
}
