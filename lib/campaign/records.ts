import type { TargetValue } from '../core/change';
import type { Resource } from '../core/metadata';

export type ResourceRef = Pick<Resource, 'name' | 'api'>;

/** A record as Campaign's JSON has it (nested objects, links, href). */
export type CampaignRecord = Readonly<Record<string, unknown>>;

/** A body to write, with fields nested as Campaign wants them: `location.city` is `{ location: { city: 'Ulm' } }`. */
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
