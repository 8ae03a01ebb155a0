import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { bareCause, RetriableError, sentence, SyncError } from '../../lib/core/errors';
import { withoutSecrets } from '../../lib/core/secrets';
import { redact } from '../../lib/core/redact';

/**
 * Any error as one that n8n shows well: message, hint and code as description, item. The only place that does this.
 *
 * Of an error that is neither ours nor n8n's nothing is kept that could be a value or a secret: n8n saves executions with
 * their errors and all that these hold.
 *
 * A system that is out of reach or overloaded becomes a NodeApiError, everything else a NodeOperationError. Errors that are n8n's own already are given back.
 */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeOperationError | NodeApiError {
  if (error instanceof NodeOperationError || error instanceof NodeApiError) return error;
  const message = messageOf(error);
  const options = {
    ...(itemIndex === undefined ? {} : { itemIndex }),
    ...(error instanceof SyncError ? { description: describe(error) } : {}),
  };
  const shown =
    error instanceof RetriableError
      ? // From a plain object: the error itself, with its causes, stays out of what n8n saves.
        new NodeApiError(node, { message }, { ...options, message })
      : new NodeOperationError(node, shownCause(error, message), options);
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

/** n8n's errors about a node's settings; by name, for there may be several copies of n8n's classes in a process. */
const OF_N8N = /^(?:Node|Workflow|Expression|Application|User|Operational|Unexpected|Trigger|Credential)\w*Error$/;

const DEFECT = /^[\w$.]{1,80} is not (?:a function|a constructor|defined)$/;

function messageOf(error: unknown): string {
  if (error instanceof SyncError) return error.message;
  if (!(error instanceof Error)) return 'The node failed for an unknown reason.';
  if (OF_N8N.test(error.name) || OF_N8N.test(error.constructor.name)) return withoutSecrets(error.message);
  // Of a defect Node quotes the program's own words, no values.
  if (DEFECT.test(error.message)) return error.message;
  const kind = bareCause(error).message;
  const reason = redact(withoutSecrets(error.message));
  return sentence(`The node failed for an unexpected reason, ${kind}${reason === '' ? '' : `: ${reason}`}`);
}

/** What n8n keeps beside the message, with its stack: an error of ours, or the kind and places of any other one. */
function shownCause(error: unknown, message: string): Error {
  const cause = bareCause(error);
  if (cause !== error) cause.message = message;
  return cause;
}

/** The hint, and the code by which docs/errors.md explains more. */
function describe({ hint, code }: SyncError): string {
  return hint === undefined ? `Code: ${code}` : `${sentence(hint)} (${code})`;
}
