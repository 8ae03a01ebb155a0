import { RejectedRecordError } from '../../core/errors';
import type { MergedBefore } from './read-item';
import type { MergedContact } from './read-line';
import type { ItemToDecide } from './route-decision';
import type { Contact, ContactSource, ProfileValues } from './sources';

/** A contact that was merged into one that was merged itself, and so on: followed this far. */
const MOST_MERGES = 5;

/** What the merges among the contacts of a batch ask for. */
export interface Merges {
  /** All contacts that were read: those of the items, and those that they were merged into. */
  readonly contacts: ReadonlyMap<string, Contact>;
  /** Decisions about the contacts that won, besides those that the items ask for. */
  readonly besides: readonly ItemToDecide[];
  /** The items of the contacts that lost, by the id of the one that won. */
  readonly losers: ReadonlyMap<string, readonly ItemToDecide[]>;
  /** The items of contacts whose winner can't be told: their opt-outs go over to nobody. */
  readonly withoutWinner: ReadonlyMap<ItemToDecide, RejectedRecordError>;
}

/** Finds out which contacts were merged into which others, and reads those. Costs a request per 5 merges in a row, none without. */
export async function followMerges(
  toDecide: readonly ItemToDecide[],
  read: ReadonlyMap<string, Contact>,
  columns: readonly string[],
  source: ContactSource,
  signal: AbortSignal | undefined,
): Promise<Merges> {
  const contacts = new Map(read);
  for (let step = 0; step < MOST_MERGES; step++) {
    const winners = [...contacts.values()].flatMap(({ mergedInto }) => (mergedInto === undefined ? [] : [mergedInto]));
    const unread = [...new Set(winners)].filter((id) => !contacts.has(id));
    if (unread.length === 0) break;
    const found = await source.contactsById(unread, columns, signal);
    for (const [id, contact] of found) contacts.set(id, contact);
    if (found.size === 0) break;
  }
  const besides: ItemToDecide[] = [];
  const losers = new Map<string, ItemToDecide[]>();
  const withoutWinner = new Map<ItemToDecide, RejectedRecordError>();
  const addLoser = (winner: string, one: ItemToDecide) => losers.set(winner, [...(losers.get(winner) ?? []), one]);
  for (const one of toDecide) {
    const { merged = [], ...asked } = one.request;
    for (const before of merged) {
      const winner = winnerOf(before.contactId, contacts) ?? asked.contactId;
      if (winner instanceof Error) withoutWinner.set(one, winner);
      else addLoser(winner, { ...one, request: { ...asked, ...before } });
    }
    const winner = winnerOf(asked.contactId, contacts);
    if (winner instanceof Error) withoutWinner.set(one, winner);
    if (winner === undefined || winner instanceof Error) continue;
    addLoser(winner, one);
    besides.push({
      ...one,
      request: { ...asked, contactId: winner, profileKey: winner, lastKnown: {} },
      isBesides: true,
    });
  }
  return { contacts, besides, losers, withoutWinner };
}

/** The contact that a contact became part of in the end; undefined where it was not merged, an error where that can't be told. */
function winnerOf(id: string, contacts: ReadonlyMap<string, Contact>): string | undefined | RejectedRecordError {
  const passed = new Set([id]);
  let last = id;
  for (;;) {
    const next = contacts.get(last)?.mergedInto;
    if (next === undefined || next === last) return last === id ? undefined : last;
    if (passed.has(next)) return winnerUnknown('in a circle');
    if (passed.size > MOST_MERGES) return winnerUnknown(`on and on, more than ${MOST_MERGES} times`);
    passed.add(next);
    last = next;
  }
}

function winnerUnknown(how: string): RejectedRecordError {
  return new RejectedRecordError(
    'MERGE_WINNER_UNKNOWN',
    `The contact was merged ${how}: its opt-outs went over to no other contact.`,
    {
      hint: 'Follow its masterid in Dynamics 365 to the contact that is active, and set its opt-outs there by hand.',
    },
  );
}

/** The contacts that were merged into one, as a write that is refused brings them back. */
export function mergedBefore(winner: string, merges: Merges): readonly MergedBefore[] {
  const all = (merges.losers.get(winner) ?? []).map(({ request: { contactId, profileKey, lastKnown } }) => ({
    contactId,
    profileKey,
    lastKnown,
  }));
  return [...new Map(all.map((one) => [`${one.contactId} ${one.profileKey}`, one])).values()];
}

/** What goes over from the contacts that were merged into one, as the decision about it takes it. */
export function mergedInto(
  winner: string,
  merges: Merges,
  profileOf: (one: ItemToDecide) => ProfileValues | undefined,
): readonly MergedContact[] {
  return (merges.losers.get(winner) ?? []).flatMap((one) => {
    const contact = merges.contacts.get(one.request.contactId);
    if (!contact) return [];
    return [
      { values: contact.values, modifiedOn: contact.modifiedOn, profile: profileOf(one) ?? one.request.lastKnown },
    ];
  });
}
