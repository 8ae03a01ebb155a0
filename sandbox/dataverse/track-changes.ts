import type { Incoming, Reply } from '../http/service';
import { badRequest, refuse } from './errors';
import { pageSizeOf, selectedColumns, withoutOption } from './read';
import type { Options, Preferences } from './request';
import { rowWriter } from './serialize';
import type { Organization } from './state';
import type { Table } from './store';
import { readDeltaToken, readSkipToken, writeDeltaToken, writeSkipToken } from './tokens';

const JSON_HEADERS = { 'Content-Type': 'application/json; odata.metadata=minimal', 'OData-Version': '4.0' };

const REFUSED = ['filter', 'orderby', 'expand', 'top'];

/** One page of a full load with change tracking, or of a delta. */
export function readTracked(
  organization: Organization,
  table: Table,
  incoming: Incoming,
  query: Options,
  preferred: Preferences,
): Reply {
  for (const name of REFUSED) {
    if (query.has(`$${name}`)) {
      throw badRequest(`The "\${${name}}" query parameter isn't supported when Change Tracking is enabled.`);
    }
  }
  const skip = query.has('$skiptoken') ? readSkipToken(query.get('$skiptoken') ?? '') : undefined;
  const isDelta = query.has('$deltatoken') || skip?.['d'] === 1;
  if (skip?.['e'] === 1) return { status: 200, headers: JSON_HEADERS, body: '{}' };
  const page = isDelta
    ? readDelta(organization, table, query, preferred, skip)
    : readFull(organization, table, preferred, skip);
  const { settings } = organization;
  const variant = settings.dataverse;

  const annotations = isDelta && !variant.annotationsWithDelta ? undefined : preferred.annotations;
  const write = rowWriter(organization, selectedColumns(table, query), annotations);
  const base = `${incoming.origin}/api/data/v9.2`;
  const { setName } = table.definition;
  const selected = query.get('$select');
  const context = `${base}/$metadata#${setName}${selected ? `(${selected})` : ''}${isDelta ? '/$delta' : ''}`;

  const parts: string[] = page.slots.map((slot) => write(table.rowAt(slot), table.versions[slot] as number));
  const deleted = JSON.stringify(`${base}/$metadata#${setName}/$deletedEntity`);
  for (const id of page.deleted) parts.push(`{"@odata.context":${deleted},"id":"${id}","reason":"deleted"}`);

  const isLast = page.next === undefined;
  const isFirst = skip === undefined;
  const nothing = isDelta && isFirst && isLast && parts.length === 0;
  const headers = {
    'Content-Type': 'application/json; odata.metadata=minimal',
    'OData-Version': '4.0',
    ...(preferred.trackChanges ? { 'Preference-Applied': 'odata.track-changes' } : {}),
  };
  if (nothing && variant.nothingChanged === 'empty-object') return { status: 200, headers, body: '{}' };

  let body = `{"@odata.context":${JSON.stringify(context)},"value":[${parts.join(',')}]`;
  const repeated = withoutOption(incoming.query, '$skiptoken', '$deltatoken');
  const link = (token: string): string =>
    JSON.stringify(`${base}/${setName}?${repeated ? `${repeated}&` : ''}${token}`);
  const empty = isLast && !isFirst && variant.emptyLastPage ? writeSkipToken({ e: 1 }) : undefined;
  const next = page.next ?? empty;
  if (next) body += `,"@odata.nextLink":${link(`$skiptoken=${next}`)}`;
  const placed = { every: true, last: isLast && !empty, first: isFirst, none: false }[variant.deltaLinkOn];
  const onThisPage = placed && !(variant.annotationsCostDeltaLink && preferred.annotations);
  // A follow-up page that no longer asks for change tracking is an ordinary page, without a deltaLink.
  const asked = isDelta || preferred.trackChanges;
  if (onThisPage && asked && !(nothing && variant.nothingChanged === 'no-link')) {
    const version = variant.deltaTokenCut === 'start' ? page.startVersion : organization.clock.current;
    const atMs = variant.deltaTokenCut === 'start' ? page.startedAt : organization.now();
    body += `,"@odata.deltaLink":${link(`$deltatoken=${writeDeltaToken(version, atMs)}`)}`;
  }
  return { status: 200, headers, body: `${body}}` };
}

/** Number of pending changes behind a delta token. */
export function countPending(organization: Organization, table: Table, token: string): number {
  const { version } = checkedToken(organization, table, token);
  let count = 0;
  for (let at = table.logPosition(version); ; at++) {
    const entry = table.logEntry(at);
    if (entry === null) break;
    if (entry) count++;
  }
  for (let at = table.deletionPosition(version); at < table.deletedIds.length; at++) {
    if (table.slotOf(table.deletedIds[at] as string) === undefined) count++;
  }
  return count;
}

interface TrackedPage {
  readonly slots: readonly number[];
  readonly deleted: readonly string[];
  /** Skip token of the next page. */
  readonly next: string | undefined;
  /** Version and moment at which the first page was asked for. */
  readonly startVersion: number;
  readonly startedAt: number;
}

type Skip = Readonly<Record<string, number>> | undefined;

/** Skip token's letters: p slot, l last slot given, v version and t seconds at the start. */
function readFull(organization: Organization, table: Table, preferred: Preferences, skip: Skip): TrackedPage {
  const { settings } = organization;
  const size = pageSizeOf(settings, preferred);
  const startVersion = skip?.['v'] ?? organization.clock.current;
  const startedAt = skip ? (skip['t'] ?? 0) * 1_000 : organization.now();
  const slots: number[] = [];
  const last = skip?.['l'];
  if (settings.dataverse.repeatRowsAcrossPages && last !== undefined && table.has(last)) slots.push(last);
  let position = skip?.['p'] ?? 0;
  let found = 0;
  for (; position < table.length && found < size; position++) {
    if (!table.has(position)) continue;
    slots.push(position);
    found++;
  }
  while (position < table.length && !table.has(position)) position++;
  const next =
    position < table.length
      ? writeSkipToken({
          p: position,
          l: slots.at(-1) ?? 0,
          v: startVersion,
          t: Math.floor(startedAt / 1_000),
        })
      : undefined;
  return { slots, deleted: [], next, startVersion, startedAt };
}

/** Skip token's letters: d 1, u version of the last update given, x of the last deletion given, l, v, t as above. */
function readDelta(
  organization: Organization,
  table: Table,
  query: Options,
  preferred: Preferences,
  skip: Skip,
): TrackedPage {
  const { settings } = organization;
  const size = pageSizeOf(settings, preferred);
  const from = skip ? undefined : checkedToken(organization, table, query.get('$deltatoken') ?? '');
  const startVersion = skip?.['v'] ?? organization.clock.current;
  const startedAt = skip ? (skip['t'] ?? 0) * 1_000 : organization.now();
  let updated = skip?.['u'] ?? from?.version ?? 0;
  let removed = skip?.['x'] ?? from?.version ?? 0;
  const limit = settings.dataverse.deltaTokenCut === 'start' ? startVersion : Infinity;

  const slots: number[] = [];
  const last = skip?.['l'];
  if (settings.dataverse.repeatRowsAcrossPages && last !== undefined && table.has(last)) slots.push(last);
  const deleted: string[] = [];
  let found = 0;
  let more = false;
  for (let at = table.logPosition(updated); ; at++) {
    const entry = table.logEntry(at);
    if (entry === null) break;
    if (!entry) continue;
    if (entry.version > limit) break;
    if (found === size) {
      more = true;
      break;
    }
    slots.push(entry.slot);
    updated = entry.version;
    found++;
  }
  for (let at = table.deletionPosition(removed); !more && at < table.deletedIds.length; at++) {
    const version = table.deletedVersions[at] as number;
    if (version > limit) break;
    const id = table.deletedIds[at] as string;
    if (table.slotOf(id) === undefined) {
      if (found === size) {
        more = true;
        break;
      }
      deleted.push(id);
      found++;
    }
    removed = version;
  }
  const next = more
    ? writeSkipToken({
        d: 1,
        u: updated,
        x: removed,
        ...(slots.length > 0 ? { l: slots.at(-1) as number } : {}),
        v: startVersion,
        t: Math.floor(startedAt / 1_000),
      })
    : undefined;
  return { slots, deleted, next, startVersion, startedAt };
}

function checkedToken(organization: Organization, table: Table, text: string): { version: number; atMs: number } {
  const token = readDeltaToken(text);
  const { changeTrackingDays, expiredTokenStatus, metadataChangeExpiresTokens } = organization.settings.dataverse;
  const tooOld = organization.now() - token.atMs > changeTrackingDays * 86_400_000;
  const outdated = metadataChangeExpiresTokens && token.atMs < table.metadataChangedAt;
  if (tooOld || outdated || token.version <= organization.expiredUpTo) {
    throw refuse(
      expiredTokenStatus,
      '0x80044352',
      'Version stamp associated with the client has expired. Please perform a full sync.',
    );
  }
  return token;
}
