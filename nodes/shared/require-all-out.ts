import type { INodeExecutionData } from 'n8n-workflow';
import { FatalError } from '../../lib/core/errors';

/**
 * The postcondition of a node that puts every item out once: as many as came in, none twice. Whatever else went wrong, no record may
 * vanish without a word.
 *
 * @throws FatalError ITEM_LOST
 */
export function requireAllOut(
  items: readonly INodeExecutionData[],
  outputs: readonly (readonly INodeExecutionData[])[],
): void {
  const seen = new Set<number>();
  let count = 0;
  for (const output of outputs) {
    for (const { pairedItem } of output) {
      count++;
      if (typeof pairedItem === 'object' && !Array.isArray(pairedItem)) seen.add(pairedItem.item);
    }
  }
  if (count === items.length && seen.size === items.length) return;
  throw new FatalError(
    'ITEM_LOST',
    `${items.length} items came in, and ${count} items (of ${seen.size} of those) would have gone out.`,
    { hint: 'This is a defect of the node; nothing was passed on. Please report it with the code of this error.' },
  );
}
