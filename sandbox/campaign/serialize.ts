import type { Incoming } from '../http/service';
import { writePKey } from './pkeys';
import type { Api, FieldValue, ResourceDefinition } from './schema';
import type { Instance, Resource } from './store';
import { isVisible } from './values';

let turn = 0;

/** A link in the form that the settings ask for. `path`: below `/<tenant>/campaign/`. */
export function href(instance: Instance, incoming: Pick<Incoming, 'origin'>, path: string): string {
  const form = instance.settings.campaign.hrefs;
  const forms = ['absolute', 'host', 'campaign'] as const;
  const chosen = form === 'mixed' ? forms[turn++ % forms.length] : form;
  if (chosen === 'campaign') return path;
  const fromHost = `/${instance.tenant}/campaign/${path}`;
  return chosen === 'host' ? fromHost : incoming.origin + fromHost;
}

export type RecordWriter = (slot: number) => string;

/** Where the fields of a record stand in its JSON text, for one API. */
interface Layout {
  readonly flat: readonly { readonly head: string; readonly key: string }[];
  readonly groups: readonly {
    readonly head: string;
    readonly parts: readonly { readonly head: string; readonly key: string }[];
  }[];
}

const layouts = new WeakMap<ResourceDefinition, Map<Api, Layout>>();

/** Made once for a definition: single records are most of the traffic. */
function layoutOf(definition: ResourceDefinition, api: Api): Layout {
  let ofApis = layouts.get(definition);
  if (!ofApis) layouts.set(definition, (ofApis = new Map()));
  let layout = ofApis.get(api);
  if (!layout) ofApis.set(api, (layout = makeLayout(definition, api)));
  return layout;
}

function makeLayout(definition: ResourceDefinition, api: Api): Layout {
  const flat: { head: string; key: string }[] = [];
  const groups = new Map<string, { head: string; key: string }[]>();
  for (const each of definition.fields) {
    if (!isVisible(each, api)) continue;
    const [first = '', second] = each.name.split('.');
    if (second === undefined) {
      flat.push({ head: `,${JSON.stringify(first)}:`, key: each.key });
      continue;
    }
    const parts = groups.get(first) ?? [];
    parts.push({ head: `${parts.length > 0 ? ',' : ''}${JSON.stringify(second)}:`, key: each.key });
    groups.set(first, parts);
  }
  return { flat, groups: [...groups].map(([name, parts]) => ({ head: `,${JSON.stringify(name)}:{`, parts })) };
}

/** A writer of records for one API. */
export function recordWriter(instance: Instance, resource: Resource, api: Api, incoming: Incoming): RecordWriter {
  const { definition } = resource;
  const { flat, groups } = layoutOf(definition, api);
  const isV8 = instance.settings.campaign.product === 'v8';
  const value = (row: Readonly<Record<string, FieldValue>>, key: string): string => {
    const stored = row[key] ?? '';
    if (stored === '') return '""';
    return typeof stored === 'string' ? JSON.stringify(stored) : String(stored);
  };
  return (slot) => {
    const row = resource.rows[slot] as Readonly<Record<string, FieldValue>>;
    const pkey = writePKey(definition.name, slot);
    let text = `{"PKey":"${pkey}"`;
    for (const { head, key } of flat) text += head + value(row, key);
    for (const { head, parts } of groups) {
      text += head;
      for (const part of parts) text += part.head + value(row, part.key);
      text += '}';
    }
    for (const link of definition.links) {
      const target = instance.resource(link.target);
      const own = row[link.own];
      const found = own === undefined || own === '' ? undefined : target?.find(link.other, own)[0];
      text +=
        found === undefined
          ? `,"${link.name}":null`
          : `,"${link.name}":{"PKey":"${writePKey(link.target, found)}","href":${JSON.stringify(href(instance, incoming, `${api}/${link.target}/${writePKey(link.target, found)}`))}}`;
    }
    const self = `${api}/${definition.name}/${pkey}`;
    if (definition.name === 'profile') {
      text += `,"subscriptions":{"href":${JSON.stringify(href(instance, incoming, `${self}/subscriptions/`))}}`;
      // Marketing history and organizational units are gone from v8.
      if (!isV8)
        text += `,"events":{"href":${JSON.stringify(href(instance, incoming, `profileAndServices/history/${pkey}/events`))}},"orgUnit":null`;
    }
    return `${text},"href":${JSON.stringify(href(instance, incoming, self))}}`;
  };
}
