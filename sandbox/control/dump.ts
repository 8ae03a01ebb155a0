import type { Row } from '../dataverse/schema';
import { propertyName } from '../dataverse/schema';
import { valueOf } from '../dataverse/serialize';
import { badnessOf } from '../seed/bad';
import type { World } from './world';

const CHUNK = 500;

/**
 * All rows of a table or resource as JSON texts, in chunks, so that a million of them never stand in memory at once.
 * Contacts have `_bad` where they are bad for Campaign.
 *
 * @param key the row with this key alone, or none; in lower case for a table
 *
 * @throws Error when there is no such table
 */
export function dump(world: World, system: string, name: string, ndjson: boolean, key?: string): Iterable<string> {
  const rows = system === 'campaign' ? campaignRows(world, name, key) : tableRows(world, name, key);
  return chunks(rows, ndjson);
}

function* chunks(rows: Iterable<string>, ndjson: boolean): Generator<string> {
  let part: string[] = [];
  let first = true;
  if (!ndjson) yield '[';
  const join = (): string => {
    const text = ndjson ? `${part.join('\n')}\n` : `${first ? '' : ',\n'}${part.join(',\n')}`;
    first = false;
    part = [];
    return text;
  };
  for (const row of rows) {
    part.push(row);
    if (part.length === CHUNK) yield join();
  }
  if (part.length > 0) yield join();
  if (!ndjson) yield ']';
}

function tableRows(world: World, name: string, key: string | undefined): Iterable<string> {
  const table = world.organization.table(name);
  if (!table) throw new Error(`Dataverse has no table '${name}'.`);
  const columns = [...table.columns.values()].map((column) => ({ head: head(propertyName(column)), column }));
  return (function* () {
    const only = key === undefined ? undefined : (table.slotOf(key) ?? table.length);
    for (let slot = only ?? 0; slot < Math.min(table.length, (only ?? Infinity) + 1); slot++) {
      const row: Row | undefined = table.row(slot);
      if (!row) continue;
      let text = '';
      for (const { head: name, column } of columns) {
        text += name + JSON.stringify(valueOf(column, row, table.versions[slot] as number));
      }
      const bad = name === 'contact' ? badnessOf(row) : undefined;
      if (bad !== undefined) text += `,"_bad":"${bad}"`;
      yield `{${text.slice(1)}}`;
    }
  })();
}

function campaignRows(world: World, name: string, key: string | undefined): Iterable<string> {
  const resource = world.instance.resource(name);
  if (!resource) throw new Error(`Campaign has no resource '${name}'.`);
  const fields = resource.definition.fields.map((each) => ({ head: head(each.name), key: each.key }));
  const rows =
    key === undefined ? resource.rows : resource.find(resource.definition.key, key).map((slot) => resource.rows[slot]);
  return (function* () {
    for (const row of rows) {
      if (!row) continue;
      let text = '';
      for (const { head: name, key } of fields) text += name + JSON.stringify(row[key] ?? '');
      yield `{${text.slice(1)}}`;
    }
  })();
}

function head(name: string): string {
  return `,${JSON.stringify(name)}:`;
}
