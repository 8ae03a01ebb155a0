import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { RetriableError, sentence, SyncError } from '../../lib/core/errors';

/**
 * Any error as one that n8n shows well: message, hint and code as description, item. The only place that does this.
 *
 * A system that is out of reach or overloaded becomes a NodeApiError, everything else a NodeOperationError. Errors that are n8n's own already are given back.
 */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeOperationError | NodeApiError {
  if (error instanceof NodeOperationError || error instanceof NodeApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = {
    ...(itemIndex === undefined ? {} : { itemIndex }),
    ...(error instanceof SyncError ? { description: describe(error) } : {}),
  };
  const shown =
    error instanceof RetriableError
      ? // From a plain object: the error itself, with its causes, stays out of what n8n saves.
        new NodeApiError(node, { message }, { ...options, message })
      : new NodeOperationError(node, error instanceof Error ? error : message, options);
  // n8n replaces messages that hold words like ECONNREFUSED by general ones, which no longer say which system it was.
  shown.message = message;
  return shown;
}

/**
 * As {@link toNodeError}, for a trigger that can't be activated: n8n shows nothing but the message then, so the hint and the code stand in it.
 */
export function toActivationError(node: INode, error: unknown): NodeOperationError | NodeApiError {
  const shown = toNodeError(node, error);
  if (error instanceof SyncError) shown.message = `${error.fullText} (${error.code})`;
  return shown;
}

/** The hint, and the code by which docs/errors.md explains more. */
function describe({ hint, code }: SyncError): string {
  return hint === undefined ? `Code: ${code}` : `${sentence(hint)} (${code})`;
}
