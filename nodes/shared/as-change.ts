import type { IDataObject } from 'n8n-workflow';
import type { Change } from '../../lib/core/change';
import { ConfigurationError } from '../../lib/core/errors';

/**
 * An item as the change that it must be. Items may have been edited on the way, so their shape is looked at as far as a wrong one would do
 * harm; what else is in them is kept.
 *
 * @param needsRecord false after a Field Mapper, which takes the record out
 * @throws ConfigurationError NOT_A_CHANGE
 */
export function asChange(json: IDataObject, itemIndex: number, needsRecord = true): Change {
  const change = json as unknown as Change;
  if (change.outcome) return change;
  if (typeof change.id !== 'string' || change.id === '') throw notAChange(itemIndex, 'it has no id');
  if (change.change === 'delete') return change;
  if (change.change !== 'upsert') throw notAChange(itemIndex, 'its "change" is neither "upsert" nor "delete"');
  if (!needsRecord) return change;
  if (typeof change.record !== 'object' || change.record === null) throw notAChange(itemIndex, 'it has no record');
  return typeof change.labels === 'object' && change.labels !== null ? change : { ...change, labels: {} };
}

function notAChange(itemIndex: number, why: string): ConfigurationError {
  return new ConfigurationError('NOT_A_CHANGE', `Item ${itemIndex} is no change of a Dynamics 365 row: ${why}.`, {
    hint: 'Connect this node behind a Dynamics 365 Trigger, or the Get operation of a Dynamics 365 node.',
  });
}
