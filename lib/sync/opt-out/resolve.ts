import type { CampaignClient } from '../../campaign/client';
import type { DataverseClient } from '../../dataverse/client';
import type { DataverseRow } from '../../dataverse/rows';
import { FatalError, RejectedRecordError } from '../../core/errors';
import { runConcurrently } from '../../core/run-concurrently';
import { decide, type ContactState, type Decision, type ProfileState } from './decide';
import type { Direction } from './rules';
import { outputOf } from '../../core/outcome';
import { readField } from '../../campaign/write-plan';
import {
  routeDecision,
  nothing,
  rejected,
  type Json,
  type Look,
  type Person,
  type Resolved,
  type ResolveSettings,
} from './route-decision';
import { readItem } from './read-item';

export interface ResolveDependencies {
  readonly dataverse: Pick<DataverseClient, 'getByIds' | 'getAttributeTimes'>;
  readonly campaign: Pick<CampaignClient, 'find'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decides for every item. An item comes out once, but on both "to" outputs, with the same decision id, when both sides are written.
 *
 * Phases: see who is meant; read the contacts, then the profiles; decide; give out. The contacts come first because a write to them is
 * refused if they change afterwards; nothing protects a profile like that, so it is read last.
 *
 * @throws ConfigurationError, RetriableError and FatalError of the clients: then nothing was decided for anybody
 */
export async function resolveOptOuts(
  items: readonly Json[],
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Resolved[]> {
  const resolved: Resolved[] = [];
  const people = whoIsMeant(items, settings, resolved);
  const contacts = await readContacts(people, settings, deps);
  const profiles = await readProfiles(
    people.filter(({ look }) => contacts.has(look.contactId)),
    settings,
    deps,
  );
  const decided = new Set<string>();
  const decideFor = async (person: Person) => {
    const contact = contacts.get(person.look.contactId);
    const profile = profiles.get(person.look.profileKey);
    resolved.push(...(await outcomeOf(person, contact, profile, decided, settings, deps)));
  };
  await runConcurrently(people, settings.concurrency, decideFor, deps.signal);
  deps.signal?.throwIfAborted();
  checkComplete(items, resolved);
  return resolved.sort((a, b) => a.item - b.item);
}

function whoIsMeant(items: readonly Json[], settings: ResolveSettings, resolved: Resolved[]): Person[] {
  const people: Person[] = [];
  items.forEach((json, item) => {
    try {
      const read = readItem(json, settings.keyColumn);
      if (read.kind === 'done') {
        const passed = ['rejected', 'waiting'].includes(outputOf(read.outcome.status));
        resolved.push({ output: passed ? 'rejected' : 'nothing', item, json: { ...json } });
        return;
      }
      const skip = read.kind === 'nothing' ? read : notAsked(read, settings.direction);
      if (skip) resolved.push(nothing(item, json, skip.code, skip.message));
      else people.push({ item, json, look: read as Look });
    } catch (error) {
      resolved.push(rejected(item, json, error));
    }
  });
  return people;
}

/** Items whose side is not asked in this direction: known without reading anything. */
function notAsked({ from }: Look, direction: Direction): { code: string; message: string } | undefined {
  if (direction === 'disabled') return { code: 'DISABLED', message: 'The direction is Disabled.' };
  if (direction === 'dynamicsToCampaign' && from === 'campaign') {
    return { code: 'CAMPAIGN_NOT_ASKED', message: 'Changes in Campaign do not travel in this direction.' };
  }
  if (direction === 'campaignToDynamics' && from === 'dynamics') {
    return { code: 'DYNAMICS_NOT_ASKED', message: 'Changes in Dynamics 365 do not travel in this direction.' };
  }
  return undefined;
}

async function readContacts(
  people: readonly Person[],
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Map<string, DataverseRow>> {
  if (people.length === 0) return new Map();
  const columns = [...settings.lines.map(({ column }) => column), 'modifiedon'];
  const ids = people.map(({ look }) => look.contactId);
  const { rows } = await deps.dataverse.getByIds(settings.table, columns, ids, { signal: deps.signal, labels: false });
  return new Map(rows.map((row) => [String(row[settings.table.primaryId]).toLowerCase(), row]));
}

async function readProfiles(
  people: readonly Person[],
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Map<string, Json | null | RejectedRecordError>> {
  const found = new Map<string, Json | null | RejectedRecordError>();
  const keys = [...new Set(people.map(({ look }) => look.profileKey))];
  const find = async (keyValue: string) => {
    const request = { resource: settings.profile, keyField: settings.keyField, keyValue, lookup: settings.lookup };
    try {
      const profile = await deps.campaign.find(request, { signal: deps.signal });
      if (profile && readField(profile.record, settings.keyField) !== keyValue) {
        throw new RejectedRecordError('KEY_MISMATCH', 'Campaign found a profile that has another external ID.', {
          field: settings.keyField,
        });
      }
      found.set(keyValue, profile?.record ?? null);
    } catch (error) {
      found.set(keyValue, onlyRejection(error));
    }
  };
  await runConcurrently(keys, settings.concurrency, find, deps.signal);
  deps.signal?.throwIfAborted();
  return found;
}

/** A fault of one record concerns that record; any other is thrown on. */
function onlyRejection(error: unknown): RejectedRecordError {
  if (error instanceof RejectedRecordError) return error;
  throw error;
}

async function outcomeOf(
  person: Person,
  row: DataverseRow | undefined,
  profile: Json | null | RejectedRecordError | undefined,
  decided: Set<string>,
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Resolved[]> {
  const { item, json, look } = person;
  try {
    if (!row) {
      throw new RejectedRecordError('CONTACT_NOT_FOUND', 'Dynamics 365 has no contact with this id, or hides it.', {
        hint: 'It may have been deleted, or the application user may not read it. Campaign keeps its value.',
      });
    }
    if (profile instanceof Error) throw profile;
    const who = `${look.contactId} ${look.profileKey}`;
    if (profile && decided.has(who)) {
      return [nothing(item, json, 'DECIDED_WITH_ANOTHER_ITEM', 'Another item of this batch is of the same person.')];
    }
    decided.add(who);
    const state: ProfileState = profile ? { values: profile } : { values: look.lastKnown, gone: true };
    const decision = await decideWithTimes(look, { values: row, modifiedOn: row['modifiedon'] }, state, settings, deps);
    return routeDecision(person, row, decision, settings, state.gone === true);
  } catch (error) {
    return [rejected(item, json, error)];
  }
}

/**
 * Decides by the record's time, and where that alone speaks against an opt-in of Campaign, once more by the attribute's own. So the
 * audit log is read for few people.
 */
async function decideWithTimes(
  { contactId, from }: Look,
  contact: ContactState,
  profile: ProfileState,
  settings: ResolveSettings,
  deps: ResolveDependencies,
): Promise<Decision> {
  const { direction, lines, futureToleranceMs } = settings;
  const decideBy = (state: ContactState) =>
    decide({ contactId, from, contact: state, profile }, lines, { direction, nowMs: deps.now(), futureToleranceMs });
  const decision = decideBy(contact);
  if (!settings.attributeTimes) return decision;
  const disputed = decision.lines
    .filter(({ rule, campaignOptedOut }) => rule === 'OPT_OUT_WINS_IN_CAMPAIGN' && campaignOptedOut === 'no')
    .map(({ column }) => column);
  if (disputed.length === 0) return decision;
  const times = await deps.dataverse.getAttributeTimes(settings.table, contactId, disputed, { signal: deps.signal });
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
    throw new FatalError('ITEM_LOST', `Of ${items.length} items only ${seen.size} have a decision. None is given out.`);
  }
}
