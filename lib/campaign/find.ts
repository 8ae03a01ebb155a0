import { ownLink } from '../http/own-origin';
import { ConfigurationError, RejectedRecordError } from '../sync/errors';
import { readField } from '../sync/write-plan';
import type { CampaignRecord, FindRequest, FoundRecord } from './client';

/** Campaign's default page: a list of this length may go on. */
const DEFAULT_PAGE = 25;

/**
 * Picks the record with the key out of an answer: a bare record, or a list.
 *
 * A filter whose parameter is misspelt gives the whole table, so a list is never taken for what was asked: the key decides. A single
 * record with another key is given back for the caller to refuse (it may differ in case alone, and then must not be created again).
 *
 * @param base absolute URL that relative hrefs start from
 * @param askedUrl stands in for a record's href where that is missing; undefined where it does not name one record
 * @throws RejectedRecordError AMBIGUOUS_KEY; ConfigurationError FILTER_NOT_BY_KEY
 */
export function pickFound(
  body: unknown,
  request: FindRequest,
  base: string,
  askedUrl: string | undefined,
): FoundRecord | null {
  if (typeof body !== 'object' || body === null) return null;
  const content = (body as { content?: unknown }).content;
  if (!Array.isArray(content)) {
    return Object.keys(body).length === 0 ? null : foundRecord(body as CampaignRecord, base, askedUrl);
  }
  const records = content.filter((each): each is CampaignRecord => typeof each === 'object' && each !== null);
  const exact = records.filter((record) => keyOf(record, request.keyField) === request.keyValue);
  if (exact.length > 1) throw ambiguous(request);
  const goesOn = 'next' in body || records.length >= DEFAULT_PAGE;
  const [only] = exact.length === 1 ? exact : records.length === 1 ? records : [];
  if (records.length > 1 && goesOn) throw notByKey(request);
  if (only) return foundRecord(only, base, undefined);
  if (records.length === 0) return null;
  throw ambiguous(request);
}

function foundRecord(record: CampaignRecord, base: string, askedUrl: string | undefined): FoundRecord | null {
  const href = record['href'];
  if (typeof href === 'string' && href !== '') return { href: ownLink(href, base, 'Adobe Campaign'), record };
  if (askedUrl !== undefined) return { href: askedUrl, record };
  throw new RejectedRecordError(
    'LINK_MISSING',
    'Adobe Campaign gave a record without a link to it, so it can not be changed',
    { hint: 'Look the records up by the key in the URL instead of by a filter.' },
  );
}

function keyOf(record: CampaignRecord, field: string): string | undefined {
  const value = readField(record, field);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function ambiguous({ resource, keyField }: FindRequest): RejectedRecordError {
  return new RejectedRecordError(
    'AMBIGUOUS_KEY',
    `Several records of "${resource.name}" match the key in "${keyField}"; none of them was touched`,
    { hint: 'Make the key field unique in Adobe Campaign and remove the doubles.', field: keyField },
  );
}

function notByKey({ resource, keyField, lookup }: FindRequest): ConfigurationError {
  const named = lookup.by === 'filter' ? `The filter "${lookup.filter}"` : 'The look-up';
  return new ConfigurationError(
    'FILTER_NOT_BY_KEY',
    `${named} of "${resource.name}" gives many records instead of the one asked for`,
    {
      hint: `The filter must compare "${keyField}" with its parameter. A parameter's name ends with _parameter, e.g. externalId_parameter; check its spelling.`,
    },
  );
}
