import { ConfigurationError, FatalError, RejectedRecordError } from '../../core/errors';
import { outputOf } from '../../core/outcome';
import { readEach } from '../../core/read-each';
import { runConcurrently } from '../../core/run-concurrently';
import { decide, type Decision } from './decide';
import { followMerges, mergedBefore, mergedInto, type Merges } from './merges';
import { readItem, type DecisionRequest, type MergedBefore, type NothingToDecide } from './read-item';
import type { ContactState, ProfileState } from './read-line';
import {
  nothingToDo,
  rejected,
  routeDecision,
  type ItemToDecide,
  type Json,
  type Resolved,
  type ResolveSettings,
} from './route-decision';
import type { Direction } from './rules';
import type { Contact, ContactSource, ProfileSource, ProfileValues } from './sources';

export interface ResolveDependencies {
  readonly contacts: ContactSource;
  readonly profiles: ProfileSource;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** A profile as it was found; null where there is none, an error where it can't be told which one is meant. */
type FoundProfile = ProfileValues | null | RejectedRecordError;

/**
 * Decides for every item. An item comes out once, but on both "to" outputs, with the same decision id, when both sides are written.
 *
 * Phases: see who is meant; read the contacts, then the profiles; decide; route. The contacts come first because a write to them is
 * refused if they change afterwards; nothing protects a profile like that, so it is read last.
 *
 * @throws ConfigurationError, RetriableError and FatalError of the sources: then nothing was decided for anybody
 */
export async function resolveOptOuts(
  items: readonly Json[],
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Resolved[]> {
  const { toDecide, resolved } = readItems(items, settings);
  const merges = await readContacts(toDecide, settings, deps);
  const { contacts } = merges;
  const all = [...toDecide, ...merges.besides];
  const losers = [...merges.losers.values()].flat();
  const present = [...all, ...losers].filter(({ request }) => contacts.has(request.contactId));
  const profiles = await readProfiles(present, settings, deps);
  const inOtherForm = await readInOtherForm(losers, profiles, settings, deps);
  const profileOf = ({ request: { profileKey } }: ItemToDecide) => {
    const profile = profiles.get(profileKey) ?? inOtherForm.get(profileKey);
    return profile instanceof Error ? undefined : (profile ?? undefined);
  };
  const decided = new Set<string>();
  const resolveItem = async (one: ItemToDecide) => {
    const { contactId, profileKey } = one.request;
    const contact = contacts.get(contactId);
    const state = contact && { ...contact, merged: mergedInto(contactId, merges, profileOf) };
    const merged = mergedBefore(contactId, merges);
    const results = await resolveOne(one, state, merged, profiles.get(profileKey), decided, settings, deps);
    resolved.push(...results.filter(({ output }) => !(one.isBesides && output === 'nothing')));
  };
  await runConcurrently(all, settings.concurrency, resolveItem, deps.signal);
  deps.signal?.throwIfAborted();
  for (const [{ item, json }, error] of merges.withoutWinner) resolved.push(rejected(item, json, error));
  checkComplete(items, resolved);
  return resolved.sort((a, b) => a.item - b.item);
}

/** Items that ask for a decision, and those that are resolved without reading anything. */
function readItems(
  items: readonly Json[],
  settings: ResolveSettings,
): { readonly toDecide: ItemToDecide[]; readonly resolved: Resolved[] } {
  const toDecide: ItemToDecide[] = [];
  const resolved: Resolved[] = [];
  const readOne = (json: Json, item: number): void => {
    try {
      const read = readItem(json, item, settings.keyColumn);
      if (read.kind === 'done') {
        const passed = ['rejected', 'waiting'].includes(outputOf(read.outcome.status));
        resolved.push({ output: passed ? 'rejected' : 'nothing', item, json: { ...json } });
        return;
      }
      const skip = read.kind === 'nothing' ? read : notAsked(read.request, settings.direction);
      if (skip) resolved.push(nothingToDo(item, json, skip.code, skip.message));
      else if (read.kind === 'request') toDecide.push({ item, json, request: read.request });
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      resolved.push(rejected(item, json, error));
    }
  };
  readEach(items, readOne, (outcome, json, item) => {
    resolved.push({ output: 'rejected', item, json: { ...json, outcome } });
  });
  return { toDecide, resolved };
}

/** Items whose side is not asked in this direction: known without reading anything. */
function notAsked({ from }: DecisionRequest, direction: Direction): NothingToDecide | undefined {
  if (direction === 'disabled') return { kind: 'nothing', code: 'DISABLED', message: 'The direction is Disabled.' };
  if (direction === 'dynamicsToCampaign' && from === 'campaign') {
    const message = 'Changes in Campaign do not travel in this direction.';
    return { kind: 'nothing', code: 'CAMPAIGN_NOT_ASKED', message };
  }
  if (direction === 'campaignToDynamics' && from === 'dynamics') {
    const message = 'Changes in Dynamics 365 do not travel in this direction.';
    return { kind: 'nothing', code: 'DYNAMICS_NOT_ASKED', message };
  }
  return undefined;
}

async function readContacts(
  toDecide: readonly ItemToDecide[],
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Merges> {
  if (toDecide.length === 0) return { contacts: new Map(), besides: [], losers: new Map(), withoutWinner: new Map() };
  const columns = settings.lines.map(({ column }) => column);
  const ids = toDecide.flatMap(({ request }) => [
    request.contactId,
    ...(request.merged ?? []).map(({ contactId }) => contactId),
  ]);
  const contacts = await deps.contacts.contactsById(ids, columns, deps.signal);
  return await followMerges(toDecide, contacts, columns, deps.contacts, deps.signal);
}

async function readProfiles(
  toDecide: readonly ItemToDecide[],
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Map<string, FoundProfile>> {
  const found = new Map<string, FoundProfile>();
  const keys = [...new Set(toDecide.map(({ request }) => request.profileKey))];
  const find = async (key: string) => {
    try {
      found.set(key, await deps.profiles.profileByKey(key, deps.signal));
    } catch (error) {
      found.set(key, onlyRejection(error));
    }
  };
  await runConcurrently(keys, settings.concurrency, find, deps.signal);
  deps.signal?.throwIfAborted();
  return found;
}

/**
 * Profiles of merged contacts whose external ID has another form. Only a merge makes their opt-outs count for another person, so all that
 * were not found are looked for.
 */
async function readInOtherForm(
  losers: readonly ItemToDecide[],
  profiles: Map<string, FoundProfile>,
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<ReadonlyMap<string, ProfileValues>> {
  const found = new Map<string, ProfileValues>();
  const keys = new Set(losers.map(({ request }) => request.profileKey).filter((key) => profiles.get(key) === null));
  const find = async (key: string) => {
    try {
      const other = await deps.profiles.profileInOtherForm(key, deps.signal);
      if (other) found.set(key, other.values);
    } catch (error) {
      profiles.set(key, onlyRejection(error));
    }
  };
  await runConcurrently([...keys], settings.concurrency, find, deps.signal);
  deps.signal?.throwIfAborted();
  return found;
}

/** A fault of one record concerns that record; any other is thrown on. */
function onlyRejection(error: unknown): RejectedRecordError {
  if (error instanceof RejectedRecordError) return error;
  throw error;
}

async function resolveOne(
  one: ItemToDecide,
  contact: (Contact & ContactState) | undefined,
  merged: readonly MergedBefore[],
  profile: FoundProfile | undefined,
  decided: Set<string>,
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Resolved[]> {
  const { item, json, request } = one;
  try {
    if (!contact) {
      throw new RejectedRecordError('CONTACT_NOT_FOUND', 'Dynamics 365 has no contact with this id, or hides it.', {
        hint: 'Nothing has to be done if it was deleted: Campaign keeps its value. Otherwise give the application user read on the contacts of the whole organization.',
      });
    }
    if (profile instanceof Error) throw profile;
    const { request: asked, state, decision } = await decideOne(request, contact, profile, settings, deps);
    const who = `${asked.contactId} ${asked.profileKey}`;
    if (!state.gone && decided.has(who)) {
      const message = 'Another item of this batch is of the same person.';
      return [nothingToDo(item, json, 'DECIDED_WITH_ANOTHER_ITEM', message)];
    }
    decided.add(who);
    return routeDecision({ ...one, request: asked }, merged, contact, decision, settings, state.gone === true);
  } catch (error) {
    return [rejected(item, json, error)];
  }
}

/**
 * Decides, where no profile has the external ID as it was asked for, with the one that has it in another form: for an export row, whose
 * profile was there, and for an opt-out that would find no profile.
 */
async function decideOne(
  request: DecisionRequest,
  contact: ContactState,
  profile: ProfileValues | null | undefined,
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<{ request: DecisionRequest; state: ProfileState; decision: Decision }> {
  const by = async (asked: DecisionRequest, state: ProfileState) => ({
    request: asked,
    state,
    decision: await decideWithTimes(asked, contact, state, settings, deps),
  });
  if (profile) return await by(request, { values: profile });
  const gone = await by(request, { values: request.lastKnown, gone: true });
  if (request.from === 'dynamics' && !gone.decision.waitsForProfile) return gone;
  const other = await deps.profiles.profileInOtherForm(request.profileKey, deps.signal);
  return other ? await by({ ...request, profileKey: other.key }, { values: other.values }) : gone;
}

/**
 * Decides by the record's time, and where that alone speaks against an opt-in of Campaign, once more by the attribute's own. So the
 * audit log is read for few people.
 */
async function decideWithTimes(
  { contactId, from }: DecisionRequest,
  contact: ContactState,
  profile: ProfileState,
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Decision> {
  const { direction, lines, futureToleranceMs, blackListTimeField = 'blackListLastModified' } = settings;
  const decideBy = (state: ContactState) => {
    const context = { direction, nowMs: deps.now(), futureToleranceMs, blackListTimeField };
    return decide({ contactId, from, contact: state, profile }, lines, context);
  };
  const decision = decideBy(contact);
  if (!settings.attributeTimes) return decision;
  const disputed = decision.lines
    .filter(({ rule, campaignOptedOut }) => rule === 'OPT_OUT_WINS_IN_CAMPAIGN' && campaignOptedOut === 'no')
    .map(({ column }) => column);
  if (disputed.length === 0) return decision;
  const times = await deps.contacts.attributeTimes(contactId, disputed, deps.signal);
  // The log's newest value is another one than the contact has: the change to the present one is not in it.
  const ofPresentValue = disputed.filter((column) => times[column]?.value === contact.values[column]);
  return decideBy({
    ...contact,
    attributeModifiedOn: Object.fromEntries(ofPresentValue.map((column) => [column, times[column]?.changedOn])),
  });
}

function checkComplete(items: readonly Json[], resolved: readonly Resolved[]): void {
  const seen = new Set(resolved.map(({ item }) => item));
  if (seen.size !== items.length) {
    throw new FatalError(
      'ITEM_LOST',
      `Of ${items.length} items only ${seen.size} have a decision. None is given out.`,
      {
        hint: 'This is a defect of the node: report it with the settings of the node. Nothing is written, and a trigger delivers the batch again.',
      },
    );
  }
}
