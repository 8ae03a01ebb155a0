import { NodeOperationError, type INode } from 'n8n-workflow';
import { SyncError } from '../../lib/sync/errors';

/** Any error as one that n8n shows well: message, hint as description, code, item. */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeOperationError {
  if (error instanceof NodeOperationError) return error;
  const options = {
    ...(itemIndex === undefined ? {} : { itemIndex }),
    ...(error instanceof SyncError && error.hint ? { description: error.hint } : {}),
  };
  return new NodeOperationError(node, error instanceof Error ? error : String(error), options);
}
