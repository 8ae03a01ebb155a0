import type { INodeExecutionData } from 'n8n-workflow';
import type { WritableChange } from '../../lib/campaign/record-writer';
import { TARGET_FIELDS } from '../../lib/core/change';
import { ConfigurationError } from '../../lib/core/errors';
import { outputOf } from '../../lib/core/outcome';

const APPLY_HINT =
  'Apply Change writes items that come from a Field Mapper. Put one before this node, or choose the operation Upsert or Delete.';

/**
 * The items of Apply Change. They come from other nodes and may have been edited on the way, so their shape is looked
 * at, as far as a wrong one would do harm.
 *
 * @throws ConfigurationError NOT_A_CHANGE
 */
export function readChanges(items: readonly INodeExecutionData[]): WritableChange[] {
  return items.map(({ json }, index) => {
    const change = json as unknown as WritableChange;
    if (change.outcome !== undefined) {
      if (outputOf(change.outcome?.status) === undefined) throw notAChange(index, 'its outcome has no known status');
      return change;
    }
    if (change.change !== 'upsert' && change.change !== 'delete') {
      throw notAChange(index, 'its "change" is neither "upsert" nor "delete"');
    }
    const { target } = change;
    if (!target) throw notAChange(index, 'it has no target');
    if (!isText(target.resource) || !isText(target.api) || !isText(target.key?.field)) {
      throw notAChange(index, 'its target names no resource, API or key field');
    }
    if (change.change === 'upsert' && !TARGET_FIELDS.every((part) => isObject(target[part]))) {
      throw notAChange(index, 'its target has no fields');
    }
    return change;
  });
}

function notAChange(index: number, why: string): ConfigurationError {
  return new ConfigurationError('NOT_A_CHANGE', `Item ${index} can't be applied: ${why}.`, { hint: APPLY_HINT });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
