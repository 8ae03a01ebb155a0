import { RejectedRecordError } from '../core/errors';
import type { ProfileSource } from '../sync/opt-out/sources';
import type { CampaignClient } from './client';
import { findInOtherForm } from './key-forms';
import { hasKey, KEY_MISMATCH_HINT } from './record-key';
import type { Lookup, ResourceRef } from './records';

/**
 * The opt-out resolver's view of the profiles in Campaign.
 *
 * @param request.resource the resource "profile"
 * @param request.keyField field with the external ID, dotted for a nested one
 */
export function profileSource(
  client: Pick<CampaignClient, 'find'>,
  request: { readonly resource: ResourceRef; readonly keyField: string; readonly lookup: Lookup },
): ProfileSource {
  const { resource, keyField, lookup } = request;
  return {
    profileByKey: async (keyValue, signal) => {
      const found = await client.find({ resource, keyField, keyValue, lookup }, { signal });
      if (!found) return null;
      if (!hasKey(found.record, keyField, keyValue)) {
        throw new RejectedRecordError(
          'KEY_MISMATCH',
          `Adobe Campaign answered the look-up in ${resource.name} with a record whose ${keyField} is another one.`,
          { field: keyField, hint: KEY_MISMATCH_HINT },
        );
      }
      return found.record;
    },
    profileInOtherForm: async (keyValue, signal) => {
      const other = await findInOtherForm(client, { resource, keyField, keyValue, lookup }, { signal });
      if (!other) return null;
      if (other.found && other.key !== null) return { key: other.key, values: other.found.record };
      throw new RejectedRecordError('AMBIGUOUS_KEY', `Several profiles have this external ID ${other.words}.`, {
        field: keyField,
        hint: 'Remove the doubles in Adobe Campaign, and write the ID in lower case.',
      });
    },
  };
}
