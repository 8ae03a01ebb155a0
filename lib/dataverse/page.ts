import { z } from 'zod';
import type { FatalError } from '../core/errors';
import { unexpectedResponse } from '../core/unexpected-response';
import { findGuid } from '../core/guid';
import type { DataverseRow, Page } from './rows';

const envelope = z.object({
  value: z.array(z.record(z.unknown())).optional(),
  '@odata.nextLink': z.string().min(1).optional(),
  '@odata.deltaLink': z.string().min(1).optional(),
});

/**
 * Reads a page. "Nothing changed" may come as an empty object, as an empty list, or with a new delta link; links are taken
 * wherever they stand.
 *
 * @throws FatalError UNEXPECTED_RESPONSE when the shape is another one, or a row has no key: reading on would lose it
 */
export function parsePage(body: unknown, primaryId: string): Page {
  const parsed = envelope.safeParse(body);
  if (!parsed.success)
    throw unexpected(`its shape is not that of a list (${parsed.error.issues[0]?.path.join('.') ?? ''})`);
  const rows = new Map<string, DataverseRow>();
  const deletions = new Set<string>();
  for (const entry of parsed.data.value ?? []) {
    if (isDeletion(entry)) {
      const id = typeof entry['id'] === 'string' ? findGuid(entry['id']) : undefined;
      if (id === undefined) throw unexpected('a deletion has no id');
      deletions.add(id);
      continue;
    }
    const id = entry[primaryId];
    if (typeof id !== 'string' || id === '') throw unexpected(`a row has no "${primaryId}"`);
    const key = id.toLowerCase();
    // Deleted first, so that the last state of a row also stands last.
    rows.delete(key);
    rows.set(key, entry);
  }
  const { '@odata.nextLink': nextLink, '@odata.deltaLink': deltaLink } = parsed.data;
  return {
    rows: [...rows.values()],
    deletions: [...deletions],
    ...(nextLink === undefined ? {} : { nextLink }),
    ...(deltaLink === undefined ? {} : { deltaLink }),
  };
}

function isDeletion(entry: DataverseRow): boolean {
  if (entry['@removed'] !== undefined) return true;
  const context = entry['@odata.context'];
  if (typeof context === 'string' && context.endsWith('/$deletedEntity')) return true;
  return entry['reason'] === 'deleted' && typeof entry['id'] === 'string' && entry['@odata.etag'] === undefined;
}

function unexpected(why: string): FatalError {
  return unexpectedResponse(`Dynamics 365 answered with a page that can't be read: ${why}.`);
}
