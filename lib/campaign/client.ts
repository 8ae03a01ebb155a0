import { baseUrl } from '../http/base-url';
import type { CallOptions } from '../http/call-options';
import { realDependencies, type ClientDependencies } from '../http/dependencies';
import { HttpClient, type HttpAnswer, type HttpMethod } from '../http/http-client';
import { ownLink } from '../http/own-origin';
import type { TargetValue } from '../sync/change';
import { ConfigurationError, FatalError, RejectedRecordError, RetriableError } from '../sync/errors';
import type { Resource, ResourceDescription } from '../sync/metadata';
import type { CampaignCredential } from './credential';
import { campaignError, isNotFound, isTransientInCampaign } from './errors';
import { pickFound } from './find';
import { fieldsOf, resourcesOf } from './metadata';
import { campaignTokens, DEFAULT_API_URL } from './sign-in';

export type ResourceRef = Pick<Resource, 'name' | 'api'>;

/** A record as Campaign's JSON has it (nested objects, links, href). */
export type CampaignRecord = Readonly<Record<string, unknown>>;

/** A body to write: nested as Campaign wants it, e.g. `{ location: { city: 'Ulm' } }`. */
export interface CampaignBody {
  readonly [field: string]: TargetValue | CampaignBody;
}

/** How a record is looked up by its key. */
export type Lookup =
  | { readonly by: 'key' }
  /** A filter that the customer made, e.g. `byExternalId` with `externalId_parameter`. */
  | { readonly by: 'filter'; readonly filter: string; readonly parameter: string };

export interface FindRequest {
  readonly resource: ResourceRef;
  /** Dotted for a nested one. */
  readonly keyField: string;
  readonly keyValue: string;
  readonly lookup: Lookup;
}

export interface FoundRecord {
  /** Absolute, of Campaign's own origin; for {@link CampaignClient.update} and {@link CampaignClient.remove}. */
  readonly href: string;
  readonly record: CampaignRecord;
}

interface Call {
  readonly method: HttpMethod;
  readonly url: string;
  readonly purpose: string;
  readonly body?: CampaignBody;
}

const BUILT_IN: readonly Resource[] = [
  { name: 'profile', api: 'profileAndServices', label: 'profile' },
  { name: 'service', api: 'profileAndServices', label: 'service' },
];

/**
 * Reads and writes an Adobe Campaign instance (Standard or v8) over its REST API.
 *
 * Every call throws ConfigurationError (SIGN_IN_REFUSED, ACCESS_REFUSED, TENANT_REFUSED and those of the sign-in), RetriableError
 * (CONNECTION_FAILED, RATE_LIMITED, CAMPAIGN_UNAVAILABLE, ABORTED) or FatalError (UNEXPECTED_ANSWER, FOREIGN_LINK); calls for one
 * record throw RejectedRecordError where Campaign refuses that record: DUPLICATE_KEY, UNKNOWN_ENUMERATION_VALUE, READ_ONLY_FIELD, TOO_LONG,
 * INVALID_EMAIL, INVALID_VALUE, OUT_OF_RANGE, MANDATORY_FIELD_MISSING, UNKNOWN_FIELD, KEY_NOT_CHANGEABLE, and REFUSED_BY_CAMPAIGN where its answer is none of the known ones.
 *
 * GET, PATCH and DELETE are repeated on 429, gateway errors, dropped connections and (a few times) on an unexplained 500; a POST
 * only where Campaign certainly did not get it.
 */
export class CampaignClient {
  private readonly http: HttpClient;
  private readonly root: string;
  /** The name under which a filter was found, by resource and the name that the user gave. */
  private readonly filterInUse = new Map<string, string>();

  constructor(
    readonly credential: CampaignCredential,
    dependencies: Partial<ClientDependencies> = {},
  ) {
    const tenant = credential.tenant.trim();
    if (!/^[\w-]+$/.test(tenant)) {
      throw new ConfigurationError('TENANT_INVALID', 'The credential\'s field "Tenant" is empty or no tenant name', {
        hint: "It is the part of Campaign's API addresses after the host, e.g. geometrixx or geometrixx-mkt-stage.",
      });
    }
    this.root = `${baseUrl(credential.apiUrl || DEFAULT_API_URL, 'API URL', { keepPath: true })}/${tenant}/campaign/`;
    const all = { ...realDependencies, ...dependencies };
    this.http = new HttpClient({
      system: 'Adobe Campaign',
      tokens: campaignTokens(credential, all),
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json;charset=utf-8',
        'Cache-Control': 'no-cache',
        'X-Api-Key': credential.clientId.trim(),
        'Accept-Encoding': 'gzip',
      },
      limits: {
        maxConcurrency: credential.maxConcurrency || 10,
        maxPerSecond: credential.maxRequestsPerSecond ?? 0,
      },
      isTransient: isTransientInCampaign,
      dependencies: all,
    });
  }

  /** Names the instance: the same for all credentials that lead to the same records. */
  get instance(): string {
    return this.root;
  }

  /**
   * Profiles, services and custom resources, sorted by label; each name once. `profile` and `service` with the extended API where it
   * serves them: it has the built-in fields too.
   */
  async listResources(options: CallOptions = {}): Promise<Resource[]> {
    const [extended, custom] = await Promise.all([
      this.resourceMap('profileAndServicesExt', options),
      this.resourceMap('customResources', options),
    ]);
    const byName = new Map<string, Resource>();
    for (const resource of [...custom, ...BUILT_IN, ...extended]) byName.set(resource.name, resource);
    return [...byName.values()].sort((a, b) => a.label.localeCompare(b.label) || a.name.localeCompare(b.name));
  }

  /** A resource with its fields. Throws ConfigurationError RESOURCE_UNKNOWN. */
  async describeResource(resource: Resource | ResourceRef, options: CallOptions = {}): Promise<ResourceDescription> {
    const purpose = `read the metadata of "${resource.name}"`;
    const url = `${this.root}${resource.api}/resourceType/${encodeURIComponent(resource.name)}`;
    const answer = await this.request({ method: 'GET', url, purpose }, options);
    if (isNotFound(answer)) throw resourceUnknown(resource);
    if (answer.status >= 300) throw campaignError(answer, { purpose, record: false });
    const body = objectOf(answer, purpose);
    const fields = fieldsOf(body['content']);
    if (fields.length === 0)
      throw new FatalError('UNEXPECTED_ANSWER', `Adobe Campaign lists no fields when asked to ${purpose}`);
    const known = 'label' in resource && resource.label !== resource.name ? resource.label : undefined;
    const label = known ?? (typeof body['label'] === 'string' && body['label'] ? body['label'] : resource.name);
    return { resource: { name: resource.name, api: resource.api, label }, fields };
  }

  /**
   * The record with this key, or null. If Campaign gives one record with another key, that one is returned: compare the
   * key before touching it. Throws RejectedRecordError AMBIGUOUS_KEY when several match, KEY_NOT_USABLE for a key that can't
   * stand in a URL, and ConfigurationError FILTER_UNKNOWN, FILTER_NOT_BY_KEY.
   */
  async find(request: FindRequest, options: CallOptions = {}): Promise<FoundRecord | null> {
    const { lookup } = request;
    if (lookup.by === 'key') {
      const found = await this.findAt(this.keyUrl(request), request, options);
      return found === 'not found' ? null : found;
    }
    // A filter without a match answers an empty list; 404 means that there is no such filter (its name was taken for a key).
    for (const name of this.filterNames(request.resource, lookup.filter)) {
      const found = await this.findAt(this.filterUrl(request, lookup.parameter, name), request, options);
      if (found === 'not found') continue;
      this.filterInUse.set(filterId(request.resource, lookup.filter), name);
      return found;
    }
    throw filterUnknown(request.resource, lookup.filter);
  }

  /**
   * Creates a record. Throws RetriableError WRITE_UNCERTAIN when nobody knows whether it was created: look it up again;
   * RejectedRecordError when Campaign refuses the record (DUPLICATE_KEY and others).
   */
  async create(resource: ResourceRef, body: CampaignBody, options: CallOptions = {}): Promise<FoundRecord> {
    const purpose = `create a record of "${resource.name}"`;
    const url = this.collection(resource);
    const answer = await this.request({ method: 'POST', url, purpose, body }, options);
    if (answer.status === 404) throw resourceUnknown(resource);
    if (answer.status >= 300) throw campaignError(answer, { purpose, record: true, once: true, ...carried(body) });
    const record = recordIn(answer.text);
    if (!record)
      throw new RetriableError('WRITE_UNCERTAIN', `Adobe Campaign's answer can't be read when asked to ${purpose}`);
    const href = typeof record['href'] === 'string' ? ownLink(record['href'], this.root, 'Adobe Campaign') : '';
    return { href, record };
  }

  /**
   * Patches a record. Throws RejectedRecordError when Campaign refuses it: RECORD_GONE when it no longer exists, LINK_REFUSED when
   * the href is not understood.
   */
  async update(href: string, body: CampaignBody, options: CallOptions = {}): Promise<void> {
    const purpose = 'update a record';
    const url = ownLink(href, this.root, 'Adobe Campaign');
    const answer = await this.request({ method: 'PATCH', url, purpose, body }, options);
    if (isNotFound(answer)) {
      throw new RejectedRecordError('RECORD_GONE', 'The record no longer exists in Adobe Campaign');
    }
    if (answer.status >= 300) throw campaignError(answer, { purpose, record: true, ...carried(body) });
  }

  /** Deletes a record; `absent` when it was not there (any more). Throws RejectedRecordError LINK_REFUSED and others. */
  async remove(href: string, options: CallOptions = {}): Promise<'deleted' | 'absent'> {
    const purpose = 'delete a record';
    const url = ownLink(href, this.root, 'Adobe Campaign');
    const answer = await this.request({ method: 'DELETE', url, purpose }, options);
    // An earlier try of this call, whose answer was lost, has most likely deleted it.
    if (isNotFound(answer)) return answer.repeated ? 'deleted' : 'absent';
    if (answer.status >= 300) throw campaignError(answer, { purpose, record: true });
    return 'deleted';
  }

  /** Lists one record: the cheapest call that shows that sign-in, tenant and rights are in order and Campaign works. */
  async probe(resource: ResourceRef = BUILT_IN[0] as Resource, options: CallOptions = {}): Promise<void> {
    const purpose = `list "${resource.name}"`;
    const answer = await this.request(
      { method: 'GET', url: `${this.collection(resource)}?_lineCount=1`, purpose },
      options,
    );
    if (answer.status === 404) throw resourceUnknown(resource);
    if (answer.status >= 300) throw campaignError(answer, { purpose, record: false });
    if (!Array.isArray(objectOf(answer, purpose)['content'])) {
      throw new FatalError('UNEXPECTED_ANSWER', `Adobe Campaign did not answer with a list when asked to ${purpose}`);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.http.close();
  }

  private async resourceMap(
    api: 'profileAndServicesExt' | 'customResources',
    options: CallOptions,
  ): Promise<Resource[]> {
    const purpose = 'list the resources';
    const answer = await this.request({ method: 'GET', url: `${this.root}${api}/`, purpose }, options);
    // An instance without extensions may not serve the map at all; that it exists for custom resources is not documented.
    if (isNotFound(answer)) return [];
    if (answer.status >= 300) {
      const error = campaignError(answer, { purpose, record: true });
      if (error instanceof RejectedRecordError) return [];
      throw error;
    }
    return resourcesOf(objectOf(answer, purpose), api);
  }

  private collection({ api, name }: ResourceRef): string {
    return `${this.root}${api}/${encodeURIComponent(name)}`;
  }

  private keyUrl({ resource, keyField, keyValue }: FindRequest): string {
    // A leading @ would be taken for one of Campaign's internal keys, and dots for a folder above.
    if (keyValue.trim() === '' || /^(@|\.{1,2}$)/.test(keyValue)) {
      throw new RejectedRecordError('KEY_NOT_USABLE', `The key in "${keyField}" can't stand in a URL`, {
        hint: 'Look the records up by a filter instead.',
        field: keyField,
      });
    }
    return `${this.collection(resource)}/${encodeURIComponent(keyValue)}`;
  }

  /** v8 drops the prefix that Standard puts before a filter's ID: it is tried with and without, until one is known to work. */
  private filterNames(resource: ResourceRef, filter: string): readonly string[] {
    const inUse = this.filterInUse.get(filterId(resource, filter));
    if (inUse !== undefined) return [inUse];
    if (this.credential.product !== 'v8') return [filter];
    const bare = filter.replace(/^by(?=[A-Z])/, '');
    return [...new Set([filter, bare.charAt(0).toLowerCase() + bare.slice(1), bare])];
  }

  private filterUrl({ resource, keyValue }: FindRequest, parameter: string, filter: string): string {
    return `${this.collection(resource)}/${encodeURIComponent(filter)}?${encodeURIComponent(parameter)}=${encodeURIComponent(keyValue)}`;
  }

  private async findAt(
    url: string,
    request: FindRequest,
    options: CallOptions,
  ): Promise<FoundRecord | null | 'not found'> {
    const { resource, keyValue, lookup } = request;
    const purpose = `look up a record of "${resource.name}"`;
    const answer = await this.request({ method: 'GET', url, purpose }, options);
    if (isNotFound(answer)) return 'not found';
    if (answer.status >= 300) throw campaignError(answer, { purpose, record: true, sent: [keyValue] });
    const body = answer.text === '' ? null : objectOf(answer, purpose);
    return pickFound(body, request, this.root, lookup.by === 'key' ? url : undefined);
  }

  private request(call: Call, { signal }: CallOptions): Promise<HttpAnswer> {
    return this.http.send({
      method: call.method,
      url: call.url,
      purpose: call.purpose,
      signal,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
  }
}

const filterId = (resource: ResourceRef, filter: string) => `${resource.api}/${resource.name}/${filter}`;

/** What a body carries: values that must not be in messages, and words for its fields (`city` and `location.city`) that may. */
function carried(body: CampaignBody): { sent: string[]; names: ReadonlyMap<string, string> } {
  const sent: string[] = [];
  const names = new Map<string, string>();
  const walk = (part: CampaignBody, prefix: string): void => {
    for (const [name, value] of Object.entries(part)) {
      names.set(name, prefix + name).set(prefix + name, prefix + name);
      if (typeof value === 'object' && value !== null) walk(value, `${prefix}${name}.`);
      else if (typeof value === 'string' || typeof value === 'number') sent.push(String(value));
    }
  };
  walk(body, '');
  return { sent, names };
}

function objectOf(answer: HttpAnswer, purpose: string): CampaignRecord {
  const record = recordIn(answer.text);
  if (record) return record;
  throw new ConfigurationError('NOT_CAMPAIGN', `What answered is not Adobe Campaign's API when asked to ${purpose}`, {
    hint: 'Check the API URL and the tenant of the credential, and proxies in between.',
  });
}

function recordIn(text: string): CampaignRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as CampaignRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

function resourceUnknown(resource: ResourceRef): ConfigurationError {
  return new ConfigurationError(
    'RESOURCE_UNKNOWN',
    `Adobe Campaign has no resource "${resource.name}" under ${resource.api}`,
    {
      hint: 'Choose the resource again from the list. A custom resource must be published, with its API made available.',
    },
  );
}

function filterUnknown(resource: ResourceRef, filter: string): ConfigurationError {
  return new ConfigurationError('FILTER_UNKNOWN', `Adobe Campaign has no filter "${filter}" for "${resource.name}"`, {
    hint: 'Make the filter in the definition of the (custom) resource and publish it, or look the records up by the key in the URL.',
  });
}
