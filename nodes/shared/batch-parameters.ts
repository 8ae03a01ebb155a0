import type { IExecuteFunctions } from 'n8n-workflow';
import { ConfigurationError } from '../../lib/core/errors';

export type ParameterContext = Pick<IExecuteFunctions, 'getNodeParameter' | 'evaluateExpression'>;

/** Names by which an expression refers to the item at hand. */
const PER_ITEM = /\$(?:json|binary|itemIndex|item|input\.item)\b|\.item\b/;

/**
 * A parameter that holds for the whole batch: read once, and its expressions worked out once. n8n would work them out per item, which
 * costs more than all the rest of the work.
 *
 * @param skip names of properties whose expressions are left as they are, for each item
 * @throws ConfigurationError EXPRESSION_PER_ITEM for an expression that means something else in each item: to take the first one's value
 * for all would be wrong without a word
 */
export function readBatchParameter(
  context: ParameterContext,
  name: string,
  fallback: unknown,
  skip: readonly string[] = [],
): unknown {
  const raw = context.getNodeParameter(name, 0, fallback, { rawExpressions: true });
  return evaluateDeep(context, raw, name, skip);
}

function evaluateDeep(context: ParameterContext, raw: unknown, path: string, skip: readonly string[]): unknown {
  if (typeof raw === 'string' && raw.startsWith('=')) {
    if (PER_ITEM.test(raw)) {
      throw new ConfigurationError(
        'EXPRESSION_PER_ITEM',
        `The expression in "${path}" refers to the single item, and this setting holds for all items of a batch.`,
        {
          hint: 'Give a fixed value here. A value that is worked out per record belongs in an expression line of a Field Mapper.',
        },
      );
    }
    return context.evaluateExpression(raw.slice(1), 0);
  }
  if (Array.isArray(raw)) return raw.map((part, index) => evaluateDeep(context, part, `${path}[${index}]`, skip));
  if (typeof raw !== 'object' || raw === null) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [
      key,
      skip.includes(key) ? value : evaluateDeep(context, value, `${path}.${key}`, skip),
    ]),
  );
}
