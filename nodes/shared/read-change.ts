import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Change } from '../../lib/core/change';
import { readChange } from '../../lib/core/item';
import type { Outcome } from '../../lib/core/outcome';

const FROM_A_TRIGGER = 'Connect this node behind a Dynamics 365 Trigger, or the Get operation of a Dynamics 365 node.';

/**
 * An item of the nodes between a trigger and a writing node, as the change that it must be.
 *
 * @param needsRecord false after a Field Mapper, which takes the record out
 * @throws ConfigurationError NOT_A_CHANGE, OUTCOME_UNKNOWN
 */
export function readItemChange(json: IDataObject, index: number, needsRecord = true): Change {
  return readChange(json, { index, hint: FROM_A_TRIGGER }, needsRecord ? 'record' : 'nothing');
}

/** An item that is no change, as it came in and with its outcome: the nodes that follow pass it on. */
export function rejectedChange(outcome: Outcome, { json }: INodeExecutionData): Change {
  return { ...json, outcome } as unknown as Change;
}
