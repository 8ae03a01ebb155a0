import type { Incoming } from '../http/service';
import { writePKey } from './pkeys';
import type { Api, FieldValue } from './schema';
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

/** A writer of records for one API: what does not change from record to record is made once. */
export function recordWriter(instance: Instance, resource: Resource, api: Api, incoming: Incoming): RecordWriter {
  const { definition } = resource;
  const flat: { head: string; key: string; empty: FieldValue }[] = [];
  const groups = new Map<string, { head: string; key: string }[]>();
  for (const each of definition.fields) {
    if (!isVisible(each, api)) continue;
    const [first = '', second] = each.name.split('.');
    if (second === undefined) flat.push({ head: `,${JSON.stringify(first)}:`, key: each.key, empty: '' });
    else {
      const group = groups.get(first) ?? [];
      group.push({ head: `${JSON.stringify(second)}:`, key: each.key });
      groups.set(first, group);
    }
  }
  const isV8 = instance.settings.campaign.product === 'v8';
  const value = (row: Readonly<Record<string, FieldValue>>, key: string): string => {
    const stored = row[key] ?? '';
    return typeof stored === 'string' ? JSON.stringify(stored) : String(stored);
  };
  return (slot) => {
    const row = resource.rows[slot] as Readonly<Record<string, FieldValue>>;
    const pkey = writePKey(definition.name, slot);
    let text = `{"PKey":"${pkey}"`;
    for (const { head, key } of flat) text += head + value(row, key);
    for (const [name, parts] of groups) {
      text += `,"${name}":{${parts.map(({ head, key }) => head + value(row, key)).join(',')}}`;
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
