import type { Incoming, Reply } from '../http/service';
import type { Settings } from '../settings';
import { badRequest, noProperty } from './errors';
import { parseFilter, type Filter, type Property } from './filter';
import type { Options, Preferences } from './request';
import type { ColumnDefinition, ColumnKind } from './schema';
import { rowWriter, valueOf } from './serialize';
import type { Organization } from './state';
import type { Table } from './store';
import { readSkipToken, writeSkipToken } from './tokens';

const KNOWN_OPTIONS = new Set(['$select', '$filter', '$orderby', '$top', '$count', '$skiptoken', '$deltatoken', 'tag']);
const MAXIMUM_PAGE = 5_000;
const JSON_HEADERS = { 'Content-Type': 'application/json; odata.metadata=minimal', 'OData-Version': '4.0' };

export function pageSizeOf(settings: Settings, preferred: Preferences): number {
  return Math.max(1, Math.min(preferred.pageSize ?? MAXIMUM_PAGE, settings.dataverse.maxPageSize, MAXIMUM_PAGE));
}

/** The columns of `$select`, the primary key among them; all without one. @throws Refusal (400) for an unknown name */
export function selectedColumns(table: Table, query: Options): ColumnDefinition[] {
  const select = query.get('$select');
  if (select === undefined || select.trim() === '') return [...table.columns.values()];
  const names = select.split(',').map((name) => name.trim());
  const columns = new Set<ColumnDefinition>();
  for (const name of names) {
    const column = table.columns.get(name);
    if (!column) throw noProperty(name, table.definition.name);
    columns.add(column);
  }
  const key = table.columns.get(table.definition.primaryId);
  if (key) columns.add(key);
  return [...columns];
}

/** A query text without some options, everything else as it was sent. */
export function withoutOption(query: string, ...names: readonly string[]): string {
  return query
    .split('&')
    .filter((pair) => pair !== '' && !names.includes(decodeURIComponent(pair.split('=')[0] ?? '')))
    .join('&');
}

/** Refuses what the sandbox does not know, rather than passing over it. */
export function checkOptions(query: Options): void {
  for (const name of query.keys()) {
    if (name.startsWith('$') && !KNOWN_OPTIONS.has(name)) {
      throw badRequest(`The query parameter ${name} is not supported.`);
    }
  }
}

/** A page of rows: `$select`, `$filter`, `$orderby`, `$top`, `$count`, paging. */
export function readList(
  organization: Organization,
  table: Table,
  incoming: Incoming,
  query: Options,
  preferred: Preferences,
): Reply {
  checkOptions(query);
  const columns = selectedColumns(table, query);
  const filter = filterOf(table, query);
  const order = orderOf(table, query);
  const top = query.get('$top');
  if (top !== undefined && !/^[1-9]\d*$/.test(top)) throw badRequest(`Invalid value '${top}' for $top.`);
  const size = Math.min(top === undefined ? Infinity : Number(top), pageSizeOf(organization.settings, preferred));
  const start = query.has('$skiptoken') ? (readSkipToken(query.get('$skiptoken') ?? '')['p'] ?? 0) : 0;

  const hidden = new Set(organization.settings.dataverse.unreadableRows);
  const candidates = candidateSlots(table, filter, order);
  const slots: number[] = [];
  let position = start;
  const length = candidates ? candidates.length : table.length;
  for (; position < length; position++) {
    const slot = candidates ? (candidates[position] as number) : position;
    if (!isMatch(table, slot, filter)) continue;
    if (hidden.size > 0 && hidden.has(table.idAt(slot))) continue;
    if (slots.length === size) break;
    slots.push(slot);
  }
  const write = rowWriter(organization, columns, preferred.annotations);
  const base = `${incoming.origin}/api/data/v9.2`;
  const { setName } = table.definition;
  const select = query.get('$select');
  let body = `{"@odata.context":${JSON.stringify(`${base}/$metadata#${setName}${select ? `(${select})` : ''}`)}`;
  if (query.get('$count') === 'true') body += `,"@odata.count":${Math.min(countRows(table, filter), MAXIMUM_PAGE)}`;
  body += `,"value":[${slots.map((slot) => write(table.rowAt(slot), table.versions[slot] as number)).join(',')}]`;
  if (position < length && top === undefined) {
    const repeated = withoutOption(incoming.query, '$skiptoken');
    const link = `${base}/${setName}?${repeated ? `${repeated}&` : ''}$skiptoken=${writeSkipToken({ p: position })}`;
    body += `,"@odata.nextLink":${JSON.stringify(link)}`;
  }
  const applied =
    preferred.pageSize === undefined ? {} : { 'Preference-Applied': `odata.maxpagesize=${preferred.pageSize}` };
  return { status: 200, headers: { ...JSON_HEADERS, ...applied }, body: `${body}}` };
}

/** `/$count` without a delta token: at most 5,000, as Dataverse does. */
export function countList(organization: Organization, table: Table, query: Options): Reply {
  checkOptions(query);
  return plainCount(organization, Math.min(countRows(table, filterOf(table, query)), MAXIMUM_PAGE));
}

export function plainCount(organization: Organization, count: number): Reply {
  const mark = organization.settings.dataverse.countWithByteOrderMark ? '\ufeff' : '';
  return { status: 200, headers: { 'Content-Type': 'text/plain', 'OData-Version': '4.0' }, body: `${mark}${count}` };
}

/** One row, found already. */
export function readRow(
  organization: Organization,
  table: Table,
  slot: number,
  incoming: Pick<Incoming, 'origin'>,
  query: Options,
  preferred: Preferences,
): { body: string; version: number } {
  const select = query.get('$select');
  const columns = selectedColumns(table, query);
  const version = table.versions[slot] as number;
  const row = rowWriter(organization, columns, preferred.annotations)(table.rowAt(slot), version);
  const context = `${incoming.origin}/api/data/v9.2/$metadata#${table.definition.setName}${select ? `(${select})` : ''}/$entity`;
  return { body: `{"@odata.context":${JSON.stringify(context)},${row.slice(1)}`, version };
}

const FILTER_KINDS: Readonly<Partial<Record<ColumnKind, Property<number>['kind']>>> = {
  integer: 'number',
  bigint: 'number',
  decimal: 'number',
  double: 'number',
  money: 'number',
  choice: 'number',
  state: 'number',
  status: 'number',
  boolean: 'boolean',
  datetime: 'date',
  date: 'date',
  lookup: 'guid',
  guid: 'guid',
};

function filterOf(table: Table, query: Options): Filter<number> | undefined {
  const text = query.get('$filter');
  if (text === undefined) return undefined;
  return parseFilter<number>(text, (name) => {
    const column = table.columns.get(name);
    if (!column) throw noProperty(name, table.definition.name);
    return {
      kind: FILTER_KINDS[column.kind] ?? 'text',
      get: (slot) => valueOf(column, table.rowAt(slot), table.versions[slot] as number),
    };
  });
}

function orderOf(table: Table, query: Options): ((a: number, b: number) => number) | undefined {
  const text = query.get('$orderby');
  if (text === undefined || text.trim() === '') return undefined;
  const terms = text.split(',').map((term) => {
    const [name = '', direction = 'asc', ...rest] = term.trim().split(/\s+/);
    const column = table.columns.get(name);
    if (!column) throw noProperty(name, table.definition.name);
    if (rest.length > 0 || !['asc', 'desc'].includes(direction)) throw badRequest(`Syntax error in '${text}'.`);
    return { column, sign: direction === 'desc' ? -1 : 1 };
  });
  return (a, b) => {
    for (const { column, sign } of terms) {
      const x = valueOf(column, table.rowAt(a), table.versions[a] as number);
      const y = valueOf(column, table.rowAt(b), table.versions[b] as number);
      if (x === y) continue;
      if (x === null) return -sign;
      if (y === null) return sign;
      return x < y ? -sign : sign;
    }
    return a - b;
  };
}

function isMatch(table: Table, slot: number, filter: Filter<number> | undefined): boolean {
  if (!table.has(slot)) return false;
  if (!filter) return true;
  const { since } = filter;
  if (since?.property === 'modifiedon' && !table.mayBeNewerThan(slot, since.ms)) return false;
  return filter.matches(slot);
}

/** The slots to look at, in order; undefined for all in their own order. */
function candidateSlots(
  table: Table,
  filter: Filter<number> | undefined,
  order: ((a: number, b: number) => number) | undefined,
): number[] | undefined {
  const only = filter?.only;
  let slots: number[] | undefined;
  if (only?.property === table.definition.primaryId) {
    slots = [...new Set(only.values)]
      .map((id) => table.slotOf(id))
      .filter((slot) => slot !== undefined)
      .sort((a, b) => a - b);
  } else if (order) {
    slots = [];
    for (let slot = 0; slot < table.length; slot++) {
      if (isMatch(table, slot, filter)) slots.push(slot);
    }
  }
  return order ? slots?.filter((slot) => table.has(slot)).sort(order) : slots;
}

function countRows(table: Table, filter: Filter<number> | undefined): number {
  if (!filter) return table.count;
  let count = 0;
  for (let slot = 0; slot < table.length; slot++) if (isMatch(table, slot, filter)) count++;
  return count;
}
