import type { Measured } from './figures';
import { isReadable, pickPerson, type Person } from './people';
import type { SandboxControl } from '../control-client';
import { channelOf } from './texts';
import { isOptedOutInCampaign, isOptedOutInDynamics, type OptOutPair } from '../oracles/opt-outs';

/** What a chapter of the story needs of the demo. */
export interface Stage {
  readonly control: SandboxControl;
  readonly optOutPairs: readonly OptOutPair[];
  readonly contacts: number;
  readonly seed: number;
  say(line: string): void;
  /** Waits until nothing is waiting any more, or until `isDone`, showing how it goes. @throws StallError */
  settle(isDone?: (measured: Measured) => boolean): Promise<Measured>;
  /** Waits for one thing, showing how everything goes. @throws StallError */
  waitFor(what: string, condition: () => Promise<boolean>): Promise<void>;
  /** Rows of the Data table of decisions. */
  decisions(): Promise<readonly Decision[]>;
}

export interface Decision {
  readonly contactId: string;
  readonly column: string;
  readonly rule: string;
  readonly words: string;
}

export interface OptOutTold {
  readonly contactId: string;
  /** The side on which the person said it. */
  readonly from: 'campaign' | 'dynamics';
  readonly channel: string;
  /** Until the other side had it. */
  readonly seconds: number;
  /** The kept decision; null when none was kept. */
  readonly rule: string | null;
  readonly words: string | null;
}

export interface CampaignTold {
  readonly campaign: string;
  readonly delivery: string;
  readonly messages: number;
  /** Persons who got nothing because they opted out. */
  readonly leftOut: number;
  /** Messages to persons who opted out of e-mail in Dynamics 365: none, where opt-outs arrive. */
  readonly sentToOptedOut: number;
  /** Until all events were on their timelines. */
  readonly seconds: number;
  /** The contact whose timeline is shown. */
  readonly contactId: string | null;
}

/** The Data table in which the template keeps decisions. */
export const DECISIONS = 'dynamics_campaign_opt_out_decisions';

const CAMPAIGNS = ['Autumn Offers', 'Winter Sale', 'Spring News', 'Summer Festival'];
/** With very many contacts a campaign to all of them would take long, and show nothing more. */
const MOST_MESSAGES = 1_000;

/** Creates, changes and deletes contacts in Dynamics 365, and waits for them to arrive. */
export async function changeContacts(stage: Stage, round: number): Promise<void> {
  const updates = Math.max(1, Math.min(50, Math.floor(stage.contacts / 10)));
  const { created, updated, deleted } = await stage.control.changeContacts({
    creates: 25,
    updates,
    deletes: Math.min(10, updates),
    seed: stage.seed + round,
    // No opt-outs among them: those are told by themselves.
    columns: ['lastname'],
  });
  stage.say(
    `In Dynamics 365: ${created.length} contacts created, ${updated.length} changed, ${deleted.length} deleted.`,
  );
  const since = Date.now();
  const { optOuts } = await stage.settle(({ backlog }) => backlog === 0);
  stage.say(`All of it is in Adobe Campaign after ${secondsSince(since)} s.`);
  if (optOuts.waiting === 0) return;
  const are = optOuts.waiting === 1 ? 'contact who opted out was' : 'contacts who opted out were';
  stage.say(
    `${optOuts.waiting} new ${are} looked at before the profile was there: kept in the table of rejected records, and tried again.`,
  );
  await stage.settle();
}

/** A person opts out of e-mail in Campaign, and another one of something else in Dynamics 365. */
export async function optOut(stage: Stage, round: number): Promise<OptOutTold[]> {
  const mail = stage.optOutPairs.find(({ field }) => field === 'blackListEmail');
  const others = stage.optOutPairs.filter((pair) => pair !== mail);
  const other = others[(round - 1) % others.length];
  const inCampaign = mail && (await optOutInCampaign(stage, mail));
  const inDynamics = other && (await optOutInDynamics(stage, other, inCampaign?.contactId));
  return [inCampaign, inDynamics].filter((told) => told !== undefined);
}

async function optOutInCampaign(stage: Stage, pair: OptOutPair): Promise<OptOutTold | undefined> {
  const { control, say } = stage;
  const person = await pickPerson(control, stage.optOutPairs);
  if (!person) return undefined;
  await control.update('campaign', 'profile', { externalId: person.id, [pair.field]: true });
  const since = Date.now();
  const { file, rows } = await control.export('opt-outs');
  say(`\n${person.name} (${person.id}) opts out of ${channelOf(pair)} in Adobe Campaign.`);
  say(`  Campaign's export comes by SFTP: ${file}, ${rows} ${rows === 1 ? 'row' : 'rows'}.`);
  await stage.waitFor(`the opt-out of the contact ${person.id} in Dynamics 365`, async () => {
    const contact = await control.row('dataverse', 'contact', person.id);
    return contact !== undefined && isOptedOutInDynamics(contact, pair);
  });
  return await told(stage, person, pair, 'campaign', secondsSince(since));
}

async function optOutInDynamics(
  stage: Stage,
  pair: OptOutPair,
  except: string | undefined,
): Promise<OptOutTold | undefined> {
  const { control, say } = stage;
  const person = await pickPerson(control, stage.optOutPairs, except);
  if (!person) return undefined;
  await control.update('dataverse', 'contact', { contactid: person.id, [pair.column]: !pair.inverted });
  const since = Date.now();
  say(`\n${person.name} (${person.id}) opts out of ${channelOf(pair)} in Dynamics 365.`);
  await stage.waitFor(`the opt-out of the profile ${person.id} in Adobe Campaign`, async () => {
    const profile = await control.row('campaign', 'profile', person.id);
    return profile !== undefined && isOptedOutInCampaign(profile, pair);
  });
  return await told(stage, person, pair, 'dynamics', secondsSince(since));
}

async function told(
  stage: Stage,
  person: Person,
  pair: OptOutPair,
  from: OptOutTold['from'],
  seconds: number,
): Promise<OptOutTold> {
  const decision = (await stage.decisions()).findLast(
    ({ contactId, column }) => contactId === person.id && column === pair.column,
  );
  stage.say(`  ${from === 'campaign' ? 'Dynamics 365' : 'Adobe Campaign'} has it after ${seconds} s.`);
  if (decision)
    stage.say(
      `  The decision, as the Data table ${DECISIONS} keeps it:\n    ${decision.words.replaceAll(/\. (?=\p{L})/gu, '.\n    ')}`,
    );
  return {
    contactId: person.id,
    from,
    channel: channelOf(pair),
    seconds,
    rule: decision?.rule ?? null,
    words: decision?.words ?? null,
  };
}

/** An e-mail goes out to everybody who may be contacted; Campaign exports both logs, and the events appear on the timelines. */
export async function sendCampaign(stage: Stage, round: number): Promise<CampaignTold> {
  const { control, say } = stage;
  const campaign = CAMPAIGNS[(round - 1) % CAMPAIGNS.length] ?? '';
  const delivery = `Newsletter ${round}`;
  const seed = stage.seed + round;
  const { messages, leftOut } = await control.deliver({ campaign, label: delivery, contacts: MOST_MESSAGES, seed });
  say(`\nThe campaign "${campaign}" goes out to ${messages} people.`);
  if (leftOut) say(`  ${leftOut} more opted out of e-mail and get nothing.`);
  say('  The sandbox makes up what they do with it in the next two hours.');
  const since = Date.now();
  const [sends, tracking] = [await control.export('delivery-logs'), await control.export('tracking-logs')];
  say(`  Campaign's exports come by SFTP: ${sends.file}, ${sends.rows} rows; ${tracking.file}, ${tracking.rows} rows.`);
  await stage.settle();
  const seconds = secondsSince(since);
  say(`Every event is on its contact's timeline after ${seconds} s.`);
  const contactId = await busiest(control, delivery);
  if (contactId) say(`\n${indented(await control.timeline(contactId))}`);
  const sentToOptedOut = await countSentToOptedOut(stage, delivery);
  return { campaign, delivery, messages, leftOut, sentToOptedOut, seconds, contactId };
}

async function countSentToOptedOut({ control, optOutPairs }: Stage, delivery: string): Promise<number> {
  const [contacts, logs] = await Promise.all([control.dump('dataverse', 'contact'), control.logs()]);
  const mail = optOutPairs.filter(({ field }) => field === 'blackListEmail');
  const optedOut = new Set(
    contacts.flatMap((contact) =>
      mail.some((pair) => isOptedOutInDynamics(contact, pair)) ? [String(contact['contactid'])] : [],
    ),
  );
  return logs.delivery.filter((row) => row.deliveryLabel === delivery && optedOut.has(row.externalId)).length;
}

/** Somebody who clicked, with a name that many can read where there is one. */
async function busiest(control: SandboxControl, delivery: string): Promise<string | null> {
  const { tracking } = await control.logs();
  const rows = tracking.filter((row) => row.deliveryLabel === delivery && !row.testAddress && row.urlType === 1);
  for (const { externalId } of rows) {
    const contact = await control.row('dataverse', 'contact', externalId);
    if (contact && isReadable(contact)) return externalId;
  }
  return rows[0]?.externalId ?? null;
}

export function secondsSince(moment: number): number {
  return Math.round((Date.now() - moment) / 100) / 10;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line && `  ${line}`)
    .join('\n');
}
