import { isOptedOutInCampaign, isOptedOutInDynamics, type OptOutPair } from '../oracles/opt-outs';
import type { DumpedRow, SandboxControl } from '../control-client';

export interface Person {
  readonly id: string;
  /** First name. */
  readonly name: string;
}

/** A first name that any terminal can show, and many can read. */
const PLAIN_NAME = /^\p{Script=Latin}[\p{Script=Latin}' -]{1,19}$/u;

export function isReadable(contact: DumpedRow): boolean {
  return PLAIN_NAME.test(String(contact['firstname'] ?? ''));
}

/** The first one who is on both sides and has not opted out of anything; undefined when there is nobody left. */
export async function pickPerson(
  control: SandboxControl,
  pairs: readonly OptOutPair[],
  except?: string,
): Promise<Person | undefined> {
  const [contacts, profiles] = await Promise.all([
    control.dump('dataverse', 'contact'),
    control.dump('campaign', 'profile'),
  ]);
  const profileOf = new Map(profiles.map((profile) => [String(profile['externalId']), profile]));
  for (const contact of contacts) {
    const [id, name] = [String(contact['contactid']), String(contact['firstname'] ?? '')];
    const profile = profileOf.get(id);
    if (!profile || id === except || !isReadable(contact) || profile['blackList'] === true) continue;
    if (pairs.some((pair) => isOptedOutInDynamics(contact, pair) || isOptedOutInCampaign(profile, pair))) continue;
    return { id, name };
  }
  return undefined;
}
