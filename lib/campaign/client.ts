import type { CallOptions } from '../http/call-options';
import { systemDependencies, type ClientDependencies } from '../http/dependencies';
import type { HttpResponse } from '../http/http-client';
import { sameOriginLink } from '../http/same-origin';
import { isWebPage } from '../http/web-page';
import type { Clock } from '../core/clock';
import { ConfigurationError, RejectedRecordError, RetriableError } from '../core/errors';
import { unexpectedResponse } from '../core/unexpected-response';
import type { Resource, ResourceDescription } from '../core/metadata';
import type { CampaignCredential } from './credential';
import { campaignError, isNotFound } from './errors';
import { WRITE_UNCERTAIN_HINT } from './error-table';
import { Finder } from './find';
import { fieldsOf, resourcesOf } from './metadata';
import type { CampaignBody, FindRequest, FoundRecord, ResourceRef } from './records';
import { notCampaign, objectOf, recordIn, RestApi } from './rest-api';

const BUILT_IN: readonly Resource[] = [
  { name: 'profile', api: 'profileAndServices', label: 'profile' },
  { name: 'service', api: 'profileAndServices', label: 'service' },
];

const FIRST_LOOK_HOLDS_MS = 6 * 3_600_000;

/**
 * Reads and writes an Adobe Campaign instance (Standard or v8) over its REST API.
 *
 * Every call throws ConfigurationError (SIGN_IN_REFUSED, ACCESS_REFUSED, TENANT_REFUSED and those of the sign-in),
 * RetriableError (CONNECTION_FAILED, RATE_LIMITED, CAMPAIGN_UNAVAILABLE, DATABASE_BUSY, ABORTED) or FatalError (UNEXPECTED_RESPONSE,
 * FOREIGN_LINK); calls for one record throw RejectedRecordError where Campaign refuses that record: DUPLICATE_KEY,
 * UNKNOWN_ENUMERATION_VALUE, READ_ONLY_FIELD, TOO_LONG, INVALID_EMAIL, INVALID_VALUE, OUT_OF_RANGE,
 * MANDATORY_FIELD_MISSING, UNKNOWN_FIELD, KEY_NOT_CHANGEABLE, and REFUSED_BY_CAMPAIGN where its response is none of the
 * known ones.
 *
 * GET, PATCH and DELETE are repeated on 429, gateway errors, dropped connections, passing faults of the database and (a
 * few times) on an unexplained 500; a POST only where Campaign certainly did not get it.
 */
export class CampaignClient {
  private readonly api: RestApi;
  private readonly finder: Finder;
  private readonly firstLooks = new Map<string, { readonly empty: Promise<boolean>; readonly untilMs: number }>();
  private readonly clock: Pick<Clock, 'elapsed'>;

  constructor(
    readonly credential: CampaignCredential,
    dependencies: Partial<ClientDependencies> = {},
  ) {
    this.clock = dependencies.clock ?? systemDependencies.clock;
    this.api = new RestApi(credential, dependencies);
    this.finder = new Finder(this.api, credential.product);
  }

  /** Names the instance: the same for all credentials that lead to the same records. */
  get instance(): string {
    return this.api.root;
  }

  /**
   * Profiles, services and custom resources, sorted by label; each name once. `profile` and `service` with the extended
   * API where it serves them: it has the built-in fields too.
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
    const url = `${this.api.root}${resource.api}/resourceType/${encodeURIComponent(resource.name)}`;
    const response = await this.api.request({ method: 'GET', url, purpose }, options);
    if (isNotFound(response)) throw resourceUnknown(resource);
    if (response.status >= 300) throw campaignError(response, { purpose, record: false });
    const body = objectOf(response, purpose);
    const fields = fieldsOf(body['content']);
    if (fields.length === 0) throw unexpectedResponse(`Adobe Campaign lists no fields when asked to ${purpose}.`);
    const known = 'label' in resource && resource.label !== resource.name ? resource.label : undefined;
    const label = known ?? (typeof body['label'] === 'string' && body['label'] ? body['label'] : resource.name);
    return { resource: { name: resource.name, api: resource.api, label }, fields };
  }

  /**
   * The record with this key, or null. If Campaign gives one record with another key, that one is returned: check it
   * with `hasKey` before touching it. Throws RejectedRecordError AMBIGUOUS_KEY when several match, KEY_NOT_USABLE for a
   * key that can't stand in a URL, and ConfigurationError FILTER_UNKNOWN, FILTER_NOT_BY_KEY.
   */
  async find(request: FindRequest, options: CallOptions = {}): Promise<FoundRecord | null> {
    return await this.finder.find(request, options);
  }

  /**
   * Creates a record. Throws RetriableError WRITE_UNCERTAIN when nobody knows whether it was created: look it up again;
   * RejectedRecordError when Campaign refuses the record (DUPLICATE_KEY and others).
   */
  async create(resource: ResourceRef, body: CampaignBody, options: CallOptions = {}): Promise<FoundRecord> {
    const purpose = `create a record of "${resource.name}"`;
    const url = this.api.collection(resource);
    const response = await this.api.request({ method: 'POST', url, purpose, body }, options);
    if (response.status === 404) throw resourceUnknown(resource);
    if (response.status >= 300) throw campaignError(response, { purpose, record: true, once: true, ...carried(body) });
    const record = recordIn(response.text);
    if (!record)
      throw new RetriableError('WRITE_UNCERTAIN', `Adobe Campaign's response can't be read when asked to ${purpose}.`, {
        hint: WRITE_UNCERTAIN_HINT,
      });
    const href =
      typeof record['href'] === 'string' ? sameOriginLink(record['href'], this.api.root, 'Adobe Campaign') : '';
    return { href, record };
  }

  /**
   * Patches a record. Throws ConfigurationError NOT_CAMPAIGN when a web page came back; RejectedRecordError when Campaign refuses it: RECORD_GONE when it no longer exists,
   * LINK_REFUSED when the href is not understood.
   */
  async update(href: string, body: CampaignBody, options: CallOptions = {}): Promise<void> {
    const url = sameOriginLink(href, this.api.root, 'Adobe Campaign');
    const resource = resourceIn(url);
    const purpose = `update a record of ${resource}`;
    const response = await this.api.request({ method: 'PATCH', url, purpose, body }, options);
    if (response.status < 300) return requireNoPage(response, purpose);
    const { sent, names } = carried(body);
    if (isNotFound(response, sent)) {
      throw new RejectedRecordError(
        'RECORD_GONE',
        `The record of ${resource} that was to be updated is not in Adobe Campaign any more.`,
        {
          hint: 'Retry it: it is looked up anew. If this happens again, look for another program that deletes it.',
        },
      );
    }
    throw campaignError(response, { purpose, record: true, sent, names });
  }

  /**
   * Deletes a record; `absent` when it was not there (any more). Throws RejectedRecordError LINK_REFUSED and others.
   */
  async remove(href: string, options: CallOptions = {}): Promise<'deleted' | 'absent'> {
    const url = sameOriginLink(href, this.api.root, 'Adobe Campaign');
    const purpose = `delete a record of ${resourceIn(url)}`;
    const call = { method: 'DELETE', url, purpose } as const;
    const first = await this.api.request(call, options);
    const collection = url.slice(0, url.lastIndexOf('/'));
    const response = isNotFound(first) ? await this.api.believed(first, call, collection, options) : first;
    // An earlier try of this call, whose response was lost, has most likely deleted it.
    if (isNotFound(response)) return first.repeated || response.repeated ? 'deleted' : 'absent';
    if (response.status >= 300) throw campaignError(response, { purpose, record: true });
    requireNoPage(response, purpose);
    return 'deleted';
  }

  /** Lists one record: the cheapest call that shows that sign-in, tenant and rights are in order and Campaign works. */
  async probe(resource: ResourceRef = BUILT_IN[0] as Resource, options: CallOptions = {}): Promise<void> {
    await this.firstOf(resource, options);
  }

  /** Whether {@link wasEmpty} knows the response already. */
  hasLookedAt(resource: ResourceRef): boolean {
    return this.firstLookAt(resource) !== undefined;
  }

  /**
   * Whether a resource held no record at all when that was asked first, within the last six hours: so a load into an
   * empty Campaign needs no more than one look.
   */
  async wasEmpty(resource: ResourceRef, options: CallOptions = {}): Promise<boolean> {
    const before = this.firstLookAt(resource);
    if (before) return await before.empty;
    const name = firstLookName(resource);
    const empty = this.firstOf(resource, options).then((records) => records.length === 0);
    const look = { empty, untilMs: this.clock.elapsed() + FIRST_LOOK_HOLDS_MS };
    this.firstLooks.set(name, look);
    empty.catch(() => {
      if (this.firstLooks.get(name) === look) this.firstLooks.delete(name);
    });
    return await empty;
  }

  /** The first look at a resource, while it holds. */
  private firstLookAt(resource: ResourceRef) {
    const look = this.firstLooks.get(firstLookName(resource));
    return look && this.clock.elapsed() < look.untilMs ? look : undefined;
  }

  private async firstOf(resource: ResourceRef, options: CallOptions): Promise<readonly unknown[]> {
    const purpose = `list "${resource.name}"`;
    const response = await this.api.request(
      { method: 'GET', url: `${this.api.collection(resource)}?_lineCount=1`, purpose },
      options,
    );
    if (response.status === 404) throw resourceUnknown(resource);
    if (response.status >= 300) throw campaignError(response, { purpose, record: false });
    const { content } = objectOf(response, purpose);
    if (Array.isArray(content)) return content;
    throw unexpectedResponse(`Adobe Campaign did not answer with a list when asked to ${purpose}.`);
  }

  /** Closes idle connections. */
  close(): void {
    this.api.close();
  }

  private async resourceMap(
    api: 'profileAndServicesExt' | 'customResources',
    options: CallOptions,
  ): Promise<Resource[]> {
    const purpose = 'list the resources';
    const response = await this.api.request({ method: 'GET', url: `${this.api.root}${api}/`, purpose }, options);
    // An instance without extensions may not serve the map at all; that it exists for custom resources is not
    // documented.
    if (isNotFound(response)) return [];
    if (response.status >= 300) {
      const error = campaignError(response, { purpose, record: true });
      if (error instanceof RejectedRecordError) return [];
      throw error;
    }
    return resourcesOf(objectOf(response, purpose), api);
  }
}

/** @throws ConfigurationError NOT_CAMPAIGN for a page: nothing was written then, whatever its status says */
function requireNoPage({ text }: HttpResponse, purpose: string): void {
  if (isWebPage(text)) throw notCampaign(purpose);
}

const firstLookName = ({ api, name }: ResourceRef) => `${api}/${name}`;

/**
 * What a body carries: values that must not be in messages, and words for its fields (`city` and `location.city`) that
 * may.
 */
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

/**
 * The resource of a record's link, in quotes, as messages name it. Campaign gives links, and behind the resource they
 * may hold keys: what is no name of a resource is not shown.
 */
function resourceIn(url: string): string {
  const name = new URL(url).pathname.split('/').at(-2) ?? '';
  return /^(?:profile|service|cus[A-Z]\w{0,60})$/.test(name) ? `"${name}"` : 'a resource';
}

function resourceUnknown(resource: ResourceRef): ConfigurationError {
  return new ConfigurationError(
    'RESOURCE_UNKNOWN',
    `Adobe Campaign has no resource "${resource.name}" under ${resource.api}.`,
    {
      hint: 'Choose the resource again from the list. A custom resource must be published, with its API made available.',
    },
  );
}
