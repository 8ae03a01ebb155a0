import type { INodeExecutionData } from 'n8n-workflow';
import type { WritableChange } from '../../lib/campaign/record-writer';
import { readChange, readDelivery, type ItemPlace } from '../../lib/core/item';
import { rejectionOutcome } from '../../lib/core/rejection-outcome';

const APPLY_HINT =
  'Apply Change writes items that come from a Field Mapper. Put one before this node, or choose the operation Upsert or Delete.';

/**
 * The items of Apply Change. One whose delivery can't be read is rejected, and the others go on.
 *
 * @throws ConfigurationError NOT_A_CHANGE, OUTCOME_UNKNOWN
 */
export function readChanges(items: readonly INodeExecutionData[]): WritableChange[] {
  return items.map(({ json }, index) => readWritable(json, { index, hint: APPLY_HINT }));
}

function readWritable(json: INodeExecutionData['json'], place: ItemPlace): WritableChange {
  const change = readChange(json, place, 'target');
  if (change.outcome) return change;
  try {
    readDelivery(json);
    return change;
  } catch (error) {
    return { ...change, outcome: rejectionOutcome(error) };
  }
}
