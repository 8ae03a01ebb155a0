import type { TargetValue } from '../sync/change';
import type { Resource, ResourceDescription } from '../sync/metadata';
import type { CallOptions } from '../http/call-options';
import type { ClientDependencies } from '../http/dependencies';
import type { CampaignCredential } from './credential';

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

export class CampaignClient {
  constructor(
    readonly credential: CampaignCredential,
    readonly dependencies: Partial<ClientDependencies> = {},
  ) {}

  /** Profiles, services and custom resources, sorted by label. */
  listResources(_options: CallOptions = {}): Promise<Resource[]> {
    throw new Error('not built yet');
  }

  /** A resource with its fields. Throws ConfigurationError RESOURCE_UNKNOWN. */
  describeResource(_resource: Resource | ResourceRef, _options: CallOptions = {}): Promise<ResourceDescription> {
    throw new Error('not built yet');
  }

  /**
   * The record with this key, or null. If the filter gives one record with another key, that one is returned: compare the
   * key before touching it. Throws RejectedRecordError AMBIGUOUS_KEY when several match, KEY_NOT_USABLE for a key that can't
   * stand in a URL, and ConfigurationError FILTER_UNKNOWN, FILTER_NOT_BY_KEY.
   */
  find(_request: FindRequest, _options: CallOptions = {}): Promise<FoundRecord | null> {
    throw new Error('not built yet');
  }

  /**
   * Creates a record. Throws RetriableError WRITE_UNCERTAIN when nobody knows whether it was created: look it up again;
   * RejectedRecordError when Campaign refuses the record (DUPLICATE_KEY and others).
   */
  create(_resource: ResourceRef, _body: CampaignBody, _options: CallOptions = {}): Promise<FoundRecord> {
    throw new Error('not built yet');
  }

  /** Patches a record. Throws RejectedRecordError when Campaign refuses it, code RECORD_GONE when it no longer exists. */
  update(_href: string, _body: CampaignBody, _options: CallOptions = {}): Promise<void> {
    throw new Error('not built yet');
  }

  /** Deletes a record; `absent` when it was not there (any more). */
  remove(_href: string, _options: CallOptions = {}): Promise<'deleted' | 'absent'> {
    throw new Error('not built yet');
  }

  /** Lists one record: the cheapest call that shows that sign-in, tenant and rights are in order and Campaign works. */
  probe(_resource?: ResourceRef, _options: CallOptions = {}): Promise<void> {
    throw new Error('not built yet');
  }
}
