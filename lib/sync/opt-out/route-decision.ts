import type { Lookup, ResourceRef } from '../../campaign/records';
import type { TableRef } from '../../dataverse/rows';
import type { DataverseRow } from '../../dataverse/rows';
import { RejectedRecordError } from '../../core/errors';
import type { OptOutLine } from './compile-lines';
import type { Decision } from './decide';
import type { Direction } from './rules';
import { skippedOutcome, unchangedOutcome } from '../../core/outcome';
import { rejectionOutcome } from '../../core/rejection-outcome';
import { CONTACT, type ReadItem } from './read-item';

/** The outputs, in their order. */
export const OUTPUTS = ['toCampaign', 'toDynamics', 'nothing', 'rejected'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface ResolveSettings {
  readonly direction: Direction;
  readonly lines: readonly OptOutLine[];
  readonly table: TableRef;
  readonly profile: ResourceRef;
  /** Column of an export row with the external ID. */
  readonly keyColumn: string;
  /** Field of the profile with the contact's id. */
  readonly keyField: string;
  readonly lookup: Lookup;
  /** What becomes of an opt-out in Dynamics 365 that has no profile to go to. */
  readonly withoutProfile: 'reject' | 'nothing';
  readonly futureToleranceMs: number;
  /** Look into the audit log where only the record's time speaks against an opt-in. */
  readonly attributeTimes: boolean;
  /** Profiles looked up at once. */
  readonly concurrency: number;
}

/** One item that comes out. */
export interface Resolved {
  readonly output: Output;
  /** Index of the item that it comes from. */
  readonly item: number;
  readonly json: Record<string, unknown>;
}

export type Json = Readonly<Record<string, unknown>>;
export type Look = Extract<ReadItem, { kind: 'look' }>;
export interface Person {
  readonly item: number;
  readonly json: Json;
  readonly look: Look;
}

/** The items of a decision: one for each side that is written, or one that says why none is. */
export function routeDecision(
  { item, json, look }: Person,
  contact: DataverseRow,
  decision: Decision,
  settings: ResolveSettings,
  profileIsGone: boolean,
): Resolved[] {
  const out: Resolved[] = [];
  const carried = look.delivery ? { delivery: look.delivery } : {};
  if (Object.keys(decision.toCampaign).length > 0) {
    const written = settings.lines.filter(({ field }) => decision.toCampaign[field] !== undefined);
    const target = {
      resource: settings.profile.name,
      api: settings.profile.api,
      key: { field: settings.keyField, value: look.profileKey },
      fields: decision.toCampaign,
      createOnlyFields: {},
      updateOnly: true,
      lines: Object.fromEntries(written.map(({ field, line }) => [field, line])),
    };
    const change = {
      change: 'upsert',
      reason: 'changed',
      table: CONTACT,
      id: look.contactId,
      modifiedOn: typeof contact['modifiedon'] === 'string' ? contact['modifiedon'] : null,
      initial: false,
      record: {},
      labels: {},
    };
    out.push({ output: 'toCampaign', item, json: { ...change, ...carried, target, decision } });
  }
  if (Object.keys(decision.toDynamics).length > 0) {
    const write = {
      table: CONTACT,
      id: look.contactId,
      columns: decision.toDynamics,
      ifMatch: versionOf(contact),
      attempt: look.attempt,
      profileKey: look.profileKey,
      ...(profileIsGone ? { lastKnown: look.lastKnown } : {}),
    };
    out.push({ output: 'toDynamics', item, json: { ...write, ...carried, decision } });
  }
  if (out.length > 0) return out;
  if (decision.waitsForProfile && settings.withoutProfile === 'reject') {
    const error = new RejectedRecordError(
      'PROFILE_NOT_FOUND',
      'Campaign has no profile yet that could take the opt-out.',
      {
        hint: 'Retry it once the contact sync has made the profile, and before a delivery is sent.',
      },
    );
    return [rejected(item, json, error, decision)];
  }
  return [nothing(item, json, 'NOTHING_TO_DO', 'Nothing has to be written for this person.', decision)];
}

/** Without the row's version a change made meanwhile could be overwritten: then nothing is given out. */
function versionOf(contact: DataverseRow): string {
  const etag = contact['@odata.etag'];
  if (typeof etag === 'string' && etag !== '') return etag;
  throw new RejectedRecordError('NO_ROW_VERSION', 'Dynamics 365 gave no version (etag) of the contact.', {
    hint: 'Without it a write could undo an opt-out that is made at this moment.',
  });
}

/** The item with word of why nothing is written. */
export function nothing(item: number, json: Json, code: string, message: string, decision?: Decision): Resolved {
  const agreed = decision?.lines.every(({ rule }) => rule === 'BOTH_OPTED_OUT' || rule === 'NEITHER_OPTED_OUT');
  const outcome = agreed ? unchangedOutcome(code, message) : skippedOutcome(code, message);
  return { output: 'nothing', item, json: { ...json, ...(decision ? { decision } : {}), outcome } };
}

/** The item with its rejection. Anything but a fault of this one record is thrown on. */
export function rejected(item: number, json: Json, error: unknown, decision?: Decision): Resolved {
  const outcome = rejectionOutcome(error);
  return { output: 'rejected', item, json: { ...json, ...(decision ? { decision } : {}), outcome } };
}
