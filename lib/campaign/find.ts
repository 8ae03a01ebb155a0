import type { CallOptions } from '../http/call-options';
import { LONGEST_READ } from '../core/redact';
import { sameOriginLink } from '../http/same-origin';
import { ConfigurationError, RejectedRecordError } from '../core/errors';
import type { CampaignCredential } from './credential';
import { campaignError, isNotFound } from './errors';
import { hasKey } from './record-key';
import type { CampaignRecord, FindRequest, FoundRecord, ResourceRef } from './records';
import { objectOf, type RestApi } from './rest-api';

/** Campaign's default page: a list of this length may go on. */
const DEFAULT_PAGE = 25;

/** Looks records up by their key: in the URL, or by a filter that the customer made. */
export class Finder {
  /** The name under which a filter was found, by resource and the name that the user gave. */
  private readonly filterInUse = new Map<string, string>();

  constructor(
    private readonly api: RestApi,
    private readonly product: CampaignCredential['product'],
  ) {}

  /** See CampaignClient.find. */
  async find(request: FindRequest, options: CallOptions): Promise<FoundRecord | null> {
    const { lookup } = request;
    if (lookup.by === 'key') {
      const found = await this.findAt(this.keyUrl(request), request, options);
      return found === 'not found' ? null : found;
    }
    // A filter without a match answers an empty list; 404 means that there is no such filter (its name was taken for a
    // key).
    for (const name of this.filterNames(request.resource, lookup.filter)) {
      const found = await this.findAt(this.filterUrl(request, lookup.parameter, name), request, options);
      if (found === 'not found') continue;
      this.filterInUse.set(filterId(request.resource, lookup.filter), name);
      return found;
    }
    throw filterUnknown(request.resource, lookup.filter);
  }

  private keyUrl({ resource, keyField, keyValue }: FindRequest): string {
    // A leading @ would be taken for one of Campaign's internal keys, and dots for a folder above.
    if (keyValue.trim() === '' || /^(@|\.{1,2}$)/.test(keyValue)) throw keyNotUsable(keyField);
    return `${this.api.collection(resource)}/${encodeURIComponent(keyValue)}`;
  }

  /** v8 drops the prefix that Standard puts before a filter's ID: both are tried, until one is known to work. */
  private filterNames(resource: ResourceRef, filter: string): readonly string[] {
    const inUse = this.filterInUse.get(filterId(resource, filter));
    if (inUse !== undefined) return [inUse];
    if (this.product !== 'v8') return [filter];
    const bare = filter.replace(/^by(?=[A-Z])/, '');
    return [...new Set([filter, bare.charAt(0).toLowerCase() + bare.slice(1), bare])];
  }

  private filterUrl({ resource, keyValue }: FindRequest, parameter: string, filter: string): string {
    const query = `${encodeURIComponent(parameter)}=${encodeURIComponent(keyValue)}`;
    return `${this.api.collection(resource)}/${encodeURIComponent(filter)}?${query}`;
  }

  private async findAt(
    url: string,
    request: FindRequest,
    options: CallOptions,
  ): Promise<FoundRecord | null | 'not found'> {
    const { resource, keyValue, lookup } = request;
    const purpose = `look up a record of "${resource.name}"`;
    const call = { method: 'GET', url, purpose } as const;
    let response = await this.api.request(call, options);
    if (isNotFound(response, [keyValue])) {
      if (lookup.by === 'key' && isOtherAddress(response, keyValue)) throw keyNotUsable(request.keyField);
      response = await this.api.believed(response, call, this.api.collection(resource), options);
    }
    if (isNotFound(response, [keyValue])) return 'not found';
    if (response.status >= 300) throw campaignError(response, { purpose, record: true, sent: [keyValue] });
    const body = response.text === '' ? null : objectOf(response, purpose);
    return pickFound(body, request, this.api.root, lookup.by === 'key' ? url : undefined);
  }
}

/**
 * Picks the record with the key out of a response: a bare record, or a list.
 *
 * A filter whose parameter is misspelt gives the whole table, so a list is never taken for what was asked: the key
 * decides. A single record with another key is given back for the caller to refuse (it may differ in case alone, and
 * then must not be created again).
 *
 * @param base absolute URL that relative hrefs start from
 * @param askedUrl stands in for a record's href where that is missing; undefined where it does not name one record
 * @throws RejectedRecordError AMBIGUOUS_KEY; ConfigurationError FILTER_NOT_BY_KEY
 */
function pickFound(
  body: unknown,
  request: FindRequest,
  base: string,
  askedUrl: string | undefined,
): FoundRecord | null {
  if (typeof body !== 'object' || body === null) return null;
  const content = (body as { content?: unknown }).content;
  if (!Array.isArray(content)) {
    return Object.keys(body).length === 0 ? null : foundRecord(body as CampaignRecord, request, base, askedUrl);
  }
  const records = content.filter((each): each is CampaignRecord => typeof each === 'object' && each !== null);
  const exact = records.filter((record) => hasKey(record, request.keyField, request.keyValue));
  if (exact.length > 1) throw ambiguous(request);
  const goesOn = 'next' in body || records.length >= DEFAULT_PAGE;
  const [only] = exact.length === 1 ? exact : records.length === 1 ? records : [];
  if (records.length > 1 && goesOn) throw notByKey(request);
  if (only) return foundRecord(only, request, base, undefined);
  if (records.length === 0) return null;
  throw ambiguous(request);
}

function foundRecord(
  record: CampaignRecord,
  { resource }: FindRequest,
  base: string,
  askedUrl: string | undefined,
): FoundRecord | null {
  const href = record['href'];
  if (typeof href === 'string' && href !== '') return { href: sameOriginLink(href, base, 'Adobe Campaign'), record };
  if (askedUrl !== undefined) return { href: askedUrl, record };
  throw new RejectedRecordError(
    'LINK_MISSING',
    `Adobe Campaign gave a record of "${resource.name}" without a link to it, so it can not be changed.`,
    { hint: 'Look the records up by the key in the URL instead of by a filter.' },
  );
}

/**
 * Campaign may take a slash of the key for one of the address, in whatever form it is sent, and then knows no such
 * address. That says nothing of the record.
 */
function isOtherAddress({ text }: { readonly text: string }, key: string): boolean {
  return key.includes('/') && text.trim() !== '' && !/unable to find document/i.test(text.slice(0, LONGEST_READ));
}

function keyNotUsable(keyField: string): RejectedRecordError {
  return new RejectedRecordError('KEY_NOT_USABLE', `The key in "${keyField}" can't stand in a URL.`, {
    hint: 'Look the records up by a filter instead.',
    field: keyField,
  });
}

function ambiguous({ resource, keyField }: FindRequest): RejectedRecordError {
  return new RejectedRecordError(
    'AMBIGUOUS_KEY',
    `Several records of "${resource.name}" match the key in "${keyField}"; none of them was touched.`,
    { hint: 'Make the key field unique in Adobe Campaign and remove the doubles.', field: keyField },
  );
}

function notByKey({ resource, keyField, lookup }: FindRequest): ConfigurationError {
  const named = lookup.by === 'filter' ? `The filter "${lookup.filter}"` : 'The look-up';
  return new ConfigurationError(
    'FILTER_NOT_BY_KEY',
    `${named} of "${resource.name}" gives many records instead of the one asked for.`,
    {
      hint: `The filter must compare "${keyField}" with its parameter. A parameter's name ends with _parameter, e.g. externalId_parameter; check its spelling.`,
    },
  );
}

function filterUnknown(resource: ResourceRef, filter: string): ConfigurationError {
  return new ConfigurationError('FILTER_UNKNOWN', `Adobe Campaign has no filter "${filter}" for "${resource.name}".`, {
    hint: 'Make the filter in the definition of the (custom) resource and publish it, or look the records up by the key in the URL.',
  });
}

const filterId = (resource: ResourceRef, filter: string) => `${resource.api}/${resource.name}/${filter}`;
