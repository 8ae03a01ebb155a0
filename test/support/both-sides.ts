import type { DumpedRow, SandboxControl } from '../../sandbox/control-client';
import { isOptedOutInCampaign, isOptedOutInDynamics } from '../../sandbox/oracles/opt-outs';

/** The lines of the template Opt-ins and Opt-outs: column of the contact, field of the profile. */
export const LINES = [
  ['donotemail', 'blackListEmail'],
  ['donotphone', 'blackListPhone'],
  ['donotfax', 'blackListFax'],
  ['donotpostalmail', 'blackListPostalMail'],
] as const;

/** Further columns of the same fields: any of them opts out. People speak by the ones above. */
export const BULK: Readonly<Record<string, string>> = {
  blackListEmail: 'donotbulkemail',
  blackListPostalMail: 'donotbulkpostalmail',
};

/** Values of a contact that says nothing by the further columns. */
export const NOTHING_IN_BULK = Object.fromEntries(Object.values(BULK).map((column) => [column, false]));

/** The line that a column belongs to, from 0. */
export function lineOf(column: string | undefined): number {
  return LINES.findIndex(([name, field]) => name === column || (column !== undefined && BULK[field] === column));
}

/** Whether a person is opted out on each side. */
export interface Both {
  readonly dynamics: boolean;
  readonly campaign: boolean;
}

/** What both sides hold of each contact, line by line, by contact ID; without a profile, Campaign holds no opt-out. */
export async function bothSides(control: SandboxControl): Promise<Map<string, Both[]>> {
  const [contacts, profiles] = await Promise.all([
    control.dump('dataverse', 'contact'),
    control.dump('campaign', 'profile'),
  ]);
  const profileOf = new Map<string, DumpedRow>(profiles.map((row) => [String(row['externalId']), row]));
  return new Map(
    contacts.map((contact) => {
      const id = String(contact['contactid']);
      const profile = profileOf.get(id);
      return [
        id,
        LINES.map(([column, field]) => {
          const pair = { column, field, inverted: false };
          const bulk = { ...pair, column: BULK[field] ?? column };
          return {
            dynamics: isOptedOutInDynamics(contact, pair) || isOptedOutInDynamics(contact, bulk),
            campaign: profile !== undefined && isOptedOutInCampaign(profile, pair),
          };
        }),
      ];
    }),
  );
}
