import { API_BOOLEANS, readBoolean } from '../core/boolean-words';
import { OPT_OUT_FIELDS, namesOf, valueByName, type OptOutField } from '../core/opt-out-fields';
import { RejectedRecordError } from '../core/errors';
import type { Field } from '../core/metadata';
import { rejectedOutcome, waitingOutcome, type Outcome } from '../core/outcome';
import type { CampaignRecord } from './records';

/**
 * What becomes of a profile that is to be deleted and has an opt-out, which only Campaign may know of:
 *
 * - `reject`: it stays, and so does its opt-out.
 * - `remember`: its item waits until somebody has kept key and opt-outs, comes back, and then it is deleted.
 * - `delete`: it goes, and its opt-out with it.
 */
export const OPTED_OUT_PROFILES = ['reject', 'remember', 'delete'] as const;
export type OptedOutProfiles = (typeof OPTED_OUT_PROFILES)[number];

/** Code of the outcome of an item that waits until its opt-outs are kept. */
export const TO_REMEMBER = 'OPT_OUTS_TO_REMEMBER';

/** What is known of the opt-outs of a record that was deleted, or is going to be. */
export interface KeptOptOuts {
  /** Kept by the flow, in the order of OPT_OUT_FIELDS. */
  readonly fields: readonly OptOutField[];
  /** The item comes back from Waiting: these were kept a moment ago, for this delete. */
  readonly forThisDelete: boolean;
}

/** The opt-outs that a profile has. A value that is neither true nor false counts as one: it may be. */
function optOutsOf(record: CampaignRecord): OptOutField[] {
  return (Object.keys(OPT_OUT_FIELDS) as OptOutField[]).filter((field) => {
    const value = valueByName(record, field);
    if (value === undefined || value === null || value === '') return false;
    return readBoolean(value, API_BOOLEANS) !== false;
  });
}

/** Why a profile with these opt-outs may not be deleted (yet); undefined where it may. */
export function holdsDelete(
  record: CampaignRecord,
  kept: KeptOptOuts | undefined,
  profiles: OptedOutProfiles,
): Outcome | undefined {
  if (profiles === 'delete') return undefined;
  const optOuts = optOutsOf(record);
  const known = kept?.fields ?? [];
  if (profiles === 'reject') {
    return optOuts.every((field) => known.includes(field)) ? undefined : optedOut(OPTED_OUT);
  }
  if (optOuts.join() === known.join()) return undefined;
  if (kept?.forThisDelete) return optedOut(CHANGED);
  return {
    ...waitingOutcome(
      TO_REMEMBER,
      'The profile is deleted once its opt-outs are kept. Let the flow keep what "optOuts" names, and lead the item back.',
    ),
    optOuts,
  };
}

const OPTED_OUT =
  'The profile has an opt-out, which would be lost with it, and a new profile of this person would be contacted. It was ' +
  'not deleted. Delete it by hand, or have opt-outs remembered ("Profiles That Opted Out").';
const CHANGED = "The profile's opt-outs changed while they were being kept, so it was not deleted. Try it again.";

const optedOut = (message: string) => rejectedOutcome('OPTED_OUT_IN_CAMPAIGN', message);

/**
 * The remembered opt-outs as fields of a new profile.
 *
 * @param known the resource's fields by name
 * @throws RejectedRecordError OPT_OUT_NOT_WRITABLE where one can't be written: without it the person would be contacted
 */
export function optOutFields(
  kept: KeptOptOuts | undefined,
  known: ReadonlyMap<string, Field>,
): Readonly<Record<string, true>> {
  return Object.fromEntries(
    (kept?.fields ?? []).map((field) => {
      const name = namesOf(field).find((each) => known.get(each)?.readOnly === false);
      if (name !== undefined) return [name, true];
      throw new RejectedRecordError(
        'OPT_OUT_NOT_WRITABLE',
        `The person opted out before, and "${field}" can't be written any more. No profile was made.`,
        {
          field,
          hint: 'Make the field writable, or take the opt-out out of what is remembered if it no longer holds.',
        },
      );
    }),
  );
}
