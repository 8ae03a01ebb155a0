import type { Delivery } from '../../core/change';
import { RejectedRecordError } from '../../core/errors';
import { readGuid } from '../../core/guid';
import { readDelivery, readOutcome, type ItemJson } from '../../core/item';
import type { Outcome } from '../../core/outcome';
import type { Side } from './rules';

/** The table that opt-outs are kept in. */
export const CONTACT = 'contact';

/** How often a decision is made again because the contact changed before it could be written. */
const MOST_ATTEMPTS = 5;

/** A contact that was merged into the one that is decided about, and what it was known by when that was decided before. */
export interface MergedBefore {
  readonly contactId: string;
  readonly profileKey: string;
  readonly lastKnown: Readonly<Record<string, unknown>>;
}

/** What an item asks for: a decision about one person. Values are read anew; only `lastKnown` may be needed. */
export interface DecisionRequest {
  /** The side whose change asks. */
  readonly from: Side;
  /** Lower-case GUID. */
  readonly contactId: string;
  /** The external ID as Campaign has it. */
  readonly profileKey: string;
  /** What an export row said, for a profile that is gone by now. */
  readonly lastKnown: Readonly<Record<string, unknown>>;
  /** For a write that was refused: the merged contacts whose opt-outs it held. */
  readonly merged?: readonly MergedBefore[];
  readonly delivery: Delivery | undefined;
  /** From 1. */
  readonly attempt: number;
}

/** Nobody has to be decided about, and nothing is wrong. */
export interface NothingToDecide {
  readonly kind: 'nothing';
  readonly code: string;
  readonly message: string;
}

/** What an item means to this node. */
export type ReadItem =
  | { readonly kind: 'request'; readonly request: DecisionRequest }
  | NothingToDecide
  /** An earlier node has dealt with the item. */
  | { readonly kind: 'done'; readonly outcome: Outcome };

const ITEM_HINT = 'Connect this node behind a Dynamics 365 Trigger or an SFTP Export Trigger.';

/**
 * Reads an item: a change of the Dynamics 365 Trigger, an export row, or a write of this node that came back from the "Waiting"
 * output of the Dynamics 365 node because the contact had changed.
 *
 * @throws RejectedRecordError for an item that is none of these, and DELIVERY_UNREADABLE; ConfigurationError OUTCOME_UNKNOWN
 */
export function readItem(json: ItemJson, index: number, keyColumn: string): ReadItem {
  const outcome = readOutcome(json, { index, hint: ITEM_HINT });
  if (outcome?.status === 'waiting' && json['decision'] && json['ifMatch']) return readRefusedWrite(json);
  if (outcome) return { kind: 'done', outcome };
  if ('change' in json) return readChange(json);
  if (keyColumn in json) return readExportRow(json, keyColumn);
  throw new RejectedRecordError(
    'NOT_A_CHANGE',
    `The item is neither a change of the Dynamics 365 Trigger nor an export row: it has no "${keyColumn}".`,
    { hint: 'Check "External ID Column" and the columns of the export.' },
  );
}

function readChange(json: ItemJson): ReadItem {
  if (json['table'] !== CONTACT) {
    throw new RejectedRecordError('NOT_A_CONTACT', 'The change is not one of the table "contact".', {
      hint: 'Opt-outs are kept in contacts. Set the trigger before this node to the table "contact".',
    });
  }
  if (json['change'] === 'delete') {
    return { kind: 'nothing', code: 'CONTACT_DELETED', message: 'The contact was deleted.' };
  }
  const contactId = toGuid(json['id']);
  return request(json, { from: 'dynamics', contactId, profileKey: contactId, lastKnown: {}, attempt: 1 });
}

function readExportRow(json: ItemJson, keyColumn: string): ReadItem {
  const value = json[keyColumn];
  if (value === null || value === undefined || (typeof value === 'string' && value.trim() === '')) {
    return { kind: 'nothing', code: 'NO_EXTERNAL_ID', message: 'The profile belongs to no contact of Dynamics 365.' };
  }
  const contactId = toGuid(value);
  return request(json, {
    from: 'campaign',
    contactId,
    // As it stands: a blank may be part of the profile's external ID.
    profileKey: String(value),
    lastKnown: json,
    attempt: 1,
  });
}

function readRefusedWrite(json: ItemJson): ReadItem {
  const before = json['attempt'] ?? 1;
  const attempt = typeof before === 'number' ? before + 1 : NaN;
  if (!(attempt <= MOST_ATTEMPTS)) {
    throw new RejectedRecordError(
      'CHANGED_TOO_OFTEN',
      `The contact changed each time before the decision could be written, ${MOST_ATTEMPTS} times.`,
      { hint: 'Nothing was written to it. Retry it later; look for another program that changes it all the time.' },
    );
  }
  const contactId = toGuid(json['id']);
  const { profileKey } = json;
  const merged = Array.isArray(json['mergedFrom']) ? json['mergedFrom'].map(readMergedBefore) : [];
  return request(json, {
    from: (json['decision'] as { from?: Side }).from === 'campaign' ? 'campaign' : 'dynamics',
    contactId,
    profileKey: typeof profileKey === 'string' ? profileKey : contactId,
    lastKnown: (json['lastKnown'] ?? {}) as ItemJson,
    attempt,
    ...(merged.length === 0 ? {} : { merged }),
  });
}

function readMergedBefore(value: unknown): MergedBefore {
  const { contactId, profileKey, lastKnown } = (value ?? {}) as Partial<Record<keyof MergedBefore, unknown>>;
  const id = toGuid(contactId);
  return {
    contactId: id,
    profileKey: typeof profileKey === 'string' ? profileKey : id,
    lastKnown: (lastKnown ?? {}) as ItemJson,
  };
}

function request(json: ItemJson, asked: Omit<DecisionRequest, 'delivery'>): ReadItem {
  return { kind: 'request', request: { ...asked, delivery: readDelivery(json) } };
}

function toGuid(value: unknown): string {
  const id = readGuid(value);
  if (id !== undefined) return id;
  throw new RejectedRecordError('NOT_A_CONTACT_ID', 'The external ID is not the id of a contact (a GUID).', {
    hint: 'The profile was not made by the contact sync. If its external ID means something else, leave it out of the export.',
  });
}
