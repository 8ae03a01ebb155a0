import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';
import { RetriableError, SyncError } from '../../lib/sync/errors';

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
    description: error instanceof SyncError ? describe(error) : undefined,
    // n8n replaces messages that hold words like ECONNREFUSED by general ones, which no longer say which system it was.
    messageMapping: { [message]: message },
  };
  if (error instanceof RetriableError) {
    // From a plain object: the error itself, with its causes, stays out of what n8n saves.
    const plain: JsonObject = { message, code: error.code };
    return new NodeApiError(node, plain, { ...definedOnly(options), message });
  }
  return new NodeOperationError(node, error instanceof Error ? error : message, definedOnly(options));
}

/** The hint, and the code by which docs/errors.md explains more. */
function describe({ hint, code }: SyncError): string {
  return hint === undefined ? `Code: ${code}` : `${hint} (${code})`;
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function definedOnly<T extends object>(options: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>;
}
