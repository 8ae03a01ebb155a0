import { z } from 'zod';
import { ConfigurationError } from '../../lib/core/errors';

/**
 * Checks parameters.
 *
 * @param node what the message calls the node, e.g. `Field Mapper node`
 * @throws ConfigurationError SETTINGS_INVALID that names each wrong parameter and what is wrong with it
 */
export function parseParameters<T>(schema: z.ZodType<T, z.ZodTypeDef, unknown>, value: unknown, node: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`);
  throw settingsInvalid(node, what);
}

/** The error of parameters that do not fit together. */
export function settingsInvalid(node: string, what: readonly string[]): ConfigurationError {
  return new ConfigurationError('SETTINGS_INVALID', `The settings of the ${node} are not right. ${what.join('; ')}.`, {
    hint: 'Correct these settings in the node.',
  });
}

/**
 * A parameter of type JSON: text, or an object already where an expression gave one.
 *
 * @param label the parameter's display name
 */
export function jsonParameter(label: string) {
  return z.union([
    z.string().transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: `"${label}" is not valid JSON` });
        return z.NEVER;
      }
    }),
    z.record(z.unknown()),
  ]);
}

/** Text that an expression may as well give as a number. What else it gives is rejected with its item, not with the batch. */
export const textOfItem = z.union([z.string(), z.number().transform(String)]).catch('');
