import type { Resource } from '../../core/metadata';
import type { BlackListTimeField } from '../../core/opt-out-fields';
import { RejectedRecordError } from '../../core/errors';
import { skippedOutcome, unchangedOutcome } from '../../core/outcome';
import { rejectionOutcome } from '../../core/rejection-outcome';
import type { OptOutLine } from './compile-lines';
import type { Decision } from './decide';
import { CONTACT, type DecisionRequest, type MergedBefore } from './read-item';
import type { Direction } from './rules';
import type { Contact } from './sources';

/** The outputs, in their order. */
export const OUTPUTS = ['toCampaign', 'toDynamics', 'nothing', 'rejected'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface ResolveSettings {
  readonly direction: Direction;
  readonly lines: readonly OptOutLine[];
  /** The resource of profiles, as items for the Adobe Campaign node name it. */
  readonly profile: Pick<Resource, 'name' | 'api'>;
  /** Column of an export row with the external ID. */
  readonly keyColumn: string;
  /** Field of the profile with the contact's id. */
  readonly keyField: string;
  /** What becomes of an opt-out in Dynamics 365 that has no profile to go to. */
  readonly withoutProfile: 'reject' | 'nothing';
  readonly futureToleranceMs: number;
  /** Campaign's field with the time of `blackList`. @default blackListLastModified */
  readonly blackListTimeField?: BlackListTimeField;
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

/** An item that asks for a decision. */
export interface ItemToDecide {
  /** Its index. */
  readonly item: number;
  readonly json: Json;
  readonly request: DecisionRequest;
  /** The decision is about the contact that another one was merged into; that other one asks. */
  readonly isBesides?: true;
}

/** The items of a decision: one for each side that is written, or one that says why none is. */
export function routeDecision(
  { item, json, request }: ItemToDecide,
  merged: readonly MergedBefore[],
  contact: Contact,
  decision: Decision,
  settings: ResolveSettings,
  profileIsGone: boolean,
): Resolved[] {
  const out: Resolved[] = [];
  const carried = request.delivery ? { delivery: request.delivery } : {};
  if (Object.keys(decision.toCampaign).length > 0) {
    // Several lines may stand for one field: the first is the one that is named, so it comes last.
    const written = settings.lines.filter(({ field }) => decision.toCampaign[field] !== undefined).reverse();
    const target = {
      resource: settings.profile.name,
      api: settings.profile.api,
      key: { field: settings.keyField, value: request.profileKey },
      fields: decision.toCampaign,
      loadAndCreationFields: {},
      creationFields: {},
      updateOnly: true,
      lines: Object.fromEntries(written.map(({ field, line }) => [field, line])),
    };
    const change = {
      change: 'upsert',
      reason: 'changed',
      table: CONTACT,
      id: request.contactId,
      modifiedOn: typeof contact.modifiedOn === 'string' ? contact.modifiedOn : null,
      initial: false,
      record: {},
      labels: {},
    };
    out.push({ output: 'toCampaign', item, json: { ...change, ...carried, target, decision } });
  }
  if (Object.keys(decision.toDynamics).length > 0) {
    const write = {
      table: CONTACT,
      id: request.contactId,
      columns: decision.toDynamics,
      ifMatch: versionOf(contact),
      attempt: request.attempt,
      profileKey: request.profileKey,
      ...(profileIsGone ? { lastKnown: request.lastKnown } : {}),
      // A write that is refused is decided again, with the opt-outs of all merged contacts.
      ...(merged.length > 0 ? { mergedFrom: merged } : {}),
    };
    out.push({ output: 'toDynamics', item, json: { ...write, ...carried, decision } });
  }
  if (out.length > 0) return out;
  if (decision.waitsForProfile && settings.withoutProfile === 'reject') {
    return [rejected(item, json, profileNotFound(), decision)];
  }
  return [nothingToDo(item, json, 'NOTHING_TO_DO', 'Nothing has to be written for this person.', decision)];
}

function profileNotFound(): RejectedRecordError {
  return new RejectedRecordError('PROFILE_NOT_FOUND', 'Campaign has no profile yet that could take the opt-out.', {
    hint: 'Retry it once the contact sync has made the profile, and before a delivery is sent.',
  });
}

/** Without the contact's version a change made meanwhile could be overwritten: then nothing is given out. */
function versionOf({ version }: Contact): string {
  if (version !== null) return version;
  throw new RejectedRecordError('NO_ROW_VERSION', 'Dynamics 365 gave no version of the contact.', {
    hint: 'Retry it: without the version a write could undo an opt-out that is made at this moment. If it stays, look for a proxy in between that alters responses.',
  });
}

/** The item with word of why nothing is written. */
export function nothingToDo(item: number, json: Json, code: string, message: string, decision?: Decision): Resolved {
  const agreed = decision?.lines.every(({ rule }) => rule === 'BOTH_OPTED_OUT' || rule === 'NEITHER_OPTED_OUT');
  const outcome = agreed ? unchangedOutcome(code, message) : skippedOutcome(code, message);
  return { output: 'nothing', item, json: { ...json, ...(decision ? { decision } : {}), outcome } };
}

/** The item with its rejection. Anything but a fault of this one record is thrown on. */
export function rejected(item: number, json: Json, error: unknown, decision?: Decision): Resolved {
  const outcome = rejectionOutcome(error);
  return { output: 'rejected', item, json: { ...json, ...(decision ? { decision } : {}), outcome } };
}
