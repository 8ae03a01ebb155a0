import type { Outcome } from './outcome';

/** A value as Dataverse's Web API gives it (docs/facts/dataverse.md, "Values"). */
export type SourceValue = string | number | boolean | null;

/** A value as Adobe Campaign's REST API takes it. */
export type TargetValue = string | number | boolean | null;

/**
 * Which delivery of a trigger an item belongs to. A redelivery of the same batch has the same number and a higher attempt.
 * The writing nodes refuse to start a write for a delivery that was superseded or whose time is over (lib/sync/delivery/deliveries.ts).
 */
export interface Delivery {
  /** `<workflow id>:<node id>` of the trigger. */
  readonly trigger: string;
  readonly number: number;
  readonly attempt: number;
  /** ISO time after which no write of this delivery may start. */
  readonly until: string;
}

/** Where and what to write; made by the Field Mapper, replaced values by Replace Values. */
export interface Target {
  /** Name of the resource, e.g. `profile` or `cusProduct`. */
  readonly resource: string;
  /** The API that serves it. */
  readonly api: CampaignApi;
  readonly key: { readonly field: string; readonly value: string };
  /**
   * What always travels. Field name (dotted for nested ones, e.g. `location.city`) to value, in all three maps; a field is in one of
   * them, the key field in none. All are empty on a delete.
   */
  readonly fields: FieldValues;
  /** What travels on an initial load or a replay, and when the record is created in Campaign ("Apply Updates" is off). */
  readonly loadAndCreationFields: FieldValues;
  /** What travels when the record is created in Campaign, never otherwise ("Only on Creation" is on). */
  readonly creationFields: FieldValues;
  /** Never creates the record: a change of what is not in Campaign has nothing to do (opt-outs, for example). */
  readonly updateOnly?: boolean;
  /** Mapping line (from 1) of each field above, so that a refusal by Campaign can be traced to it. */
  readonly lines?: Readonly<Record<string, number>>;
}

/** Values by the name of their field. */
export type FieldValues = Readonly<Record<string, TargetValue>>;

/** The parts of a target that hold values. */
export const TARGET_FIELDS = ['fields', 'loadAndCreationFields', 'creationFields'] as const satisfies (keyof Target)[];

export type CampaignApi = 'profileAndServices' | 'profileAndServicesExt' | 'customResources';

interface ChangeBase {
  /** Logical name of the Dataverse table. */
  readonly table: string;
  /** Primary key of the row, lower-case GUID. */
  readonly id: string;
  /** ISO 8601 with `Z`; null where the table has no `modifiedon` or the row is gone. */
  readonly modifiedOn: string | null;
  /** True on a full load, a replay, or a full read after an expired delta token. */
  readonly initial: boolean;
  readonly delivery?: Delivery;
  readonly target?: Target;
  /** Once set, the nodes that follow pass the item on as it is and the Adobe Campaign node puts it out by its status. */
  readonly outcome?: Outcome;
}

export interface UpsertChange extends ChangeBase {
  readonly change: 'upsert';
  readonly reason: 'changed';
  readonly record: Readonly<Record<string, SourceValue>>;
  /** Display labels of choices and names of lookups, by column. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface DeleteChange extends ChangeBase {
  readonly change: 'delete';
  readonly reason: 'deleted' | 'filtered-out' | 'missing-after-full-read';
}

/** One changed row, as the Dynamics 365 Trigger emits it: the `json` of an n8n item. */
export type Change = UpsertChange | DeleteChange;

/** A change with its target or its outcome. Record and labels are left out unless the settings of the Field Mapper keep them. */
export type MappedChange = Omit<UpsertChange, 'record' | 'labels'> & Partial<Pick<UpsertChange, 'record' | 'labels'>>;

/** A change as the Field Mapper gives it. */
export type Mapped = MappedChange | DeleteChange;
