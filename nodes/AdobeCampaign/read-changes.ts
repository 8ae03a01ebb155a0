import type { INodeExecutionData } from 'n8n-workflow';
import type { Target } from '../../lib/core/change';
import { TO_REMEMBER, type KeptOptOuts } from '../../lib/campaign/kept-opt-outs';
import type { WritableChange } from '../../lib/campaign/record-writer';
import { readChange, readDelivery, type ItemPlace } from '../../lib/core/item';
import { requirePlainTarget } from '../../lib/core/plain-value';
import type { Outcome } from '../../lib/core/outcome';
import { rejectionOutcome } from '../../lib/core/rejection-outcome';
import { fieldsIn } from './remembered-opt-outs';
import type { ConsentSettings } from './settings';

const APPLY_HINT =
  'Apply Change writes items that come from a Field Mapper. Put one before this node, or choose the operation Upsert or Delete.';

/**
 * The items of Apply Change. One whose delivery can't be read, or whose values are none, is rejected, and the others go on.
 *
 * @throws ConfigurationError NOT_A_CHANGE, OUTCOME_UNKNOWN
 */
export function readChanges(
  items: readonly INodeExecutionData[],
  consent?: Pick<ConsentSettings, 'optedOutProfiles' | 'rememberedOptOuts'>,
): WritableChange[] {
  return items.map(({ json }, index) => {
    const place = { index, hint: APPLY_HINT };
    const kept = consent?.optedOutProfiles === 'remember' ? keptForThisDelete(json) : undefined;
    if (kept) return { ...readWritable({ ...json, outcome: undefined }, place), keptOptOuts: kept };
    const change = readWritable(json, place);
    const fields = change.target && consent?.rememberedOptOuts.get(change.target.key.value);
    return { ...change, keptOptOuts: fields && { fields, forThisDelete: false } };
  });
}

/** Of a delete that waited until its opt-outs were kept, and comes back. */
function keptForThisDelete({ outcome }: INodeExecutionData['json']): KeptOptOuts | undefined {
  const { status, code, optOuts } = (outcome ?? {}) as Partial<Outcome>;
  if (status !== 'waiting' || code !== TO_REMEMBER || !Array.isArray(optOuts)) return undefined;
  const names = optOuts.filter((name) => typeof name === 'string');
  return { fields: fieldsIn(names.join()), forThisDelete: true };
}

function readWritable(json: INodeExecutionData['json'], place: ItemPlace): WritableChange {
  const change = readChange(json, place, 'target');
  if (change.outcome) return change;
  try {
    readDelivery(json);
    if (change.change === 'upsert') requirePlainTarget((change as unknown as { target: Target }).target);
    return change;
  } catch (error) {
    return { ...change, outcome: rejectionOutcome(error) };
  }
}
