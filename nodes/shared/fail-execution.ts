import type { IExecuteFunctions } from 'n8n-workflow';
import { toNodeError } from './n8n-errors';

/**
 * Fails the execution for a fault of a whole system, whatever "On Error" of the node says.
 *
 * Under "Continue" n8n would pass the node's input on, out of the first output, as if it had been written, and the trigger would take
 * the batch as done. So that setting is put back for this run: n8n reads it, after the node has thrown, from the execution's own
 * copy of the node.
 */
export function failExecution(
  context: Pick<IExecuteFunctions, 'continueOnFail' | 'getExecuteData' | 'getNode'>,
  error: unknown,
): never {
  if (context.continueOnFail()) {
    const { node } = context.getExecuteData();
    node.onError = 'stopWorkflow';
    node.continueOnFail = false;
  }
  throw toNodeError(context.getNode(), error);
}
