import { z } from 'zod';
import { ConfigurationError } from '../core/errors';

const unset = (value: unknown) => (value === '' || value === null ? undefined : value);

/** A field that must be filled. `label`: its name as the credential shows it. */
export const filled = (label: string) => z.string({ message: label }).refine((text) => text.trim() !== '', label);

/** A field that must be filled with what can stand in a header: a dash or blank of a word processor can't. */
export const filledForHeader = (label: string) =>
  filled(label).refine((text) => /^[\x21-\x7e]+$/.test(text.trim()), label);

/** A text that may be left empty. */
export const optional = z.preprocess(unset, z.string().optional());

/** A number from `minimum`, or nothing. */
const atLeast = (minimum: number, label: string) =>
  z.preprocess(unset, z.coerce.number({ message: label }).min(minimum, label).optional());

/** The limits that every credential has. */
export const limits = {
  maxConcurrency: atLeast(1, 'Requests in Flight'),
  maxRequestsPerSecond: atLeast(0, 'Requests per Second'),
};

/**
 * The part of a decrypted credential that a client takes; n8n may keep more in it.
 *
 * @param shape its issues' messages are labels of fields
 * @throws ConfigurationError CREDENTIAL_INCOMPLETE, naming the field
 */
export function checkedCredential<T extends z.ZodTypeAny>(shape: T, raw: unknown, credential: string): z.output<T> {
  const parsed = shape.safeParse(raw);
  if (parsed.success) return parsed.data as z.output<T>;
  const field = parsed.error.issues[0]?.message ?? '';
  throw new ConfigurationError(
    'CREDENTIAL_INCOMPLETE',
    `The field "${field}" of the ${credential} credential is empty or wrong.`,
    { hint: 'Open the credential, fill it in and test it.' },
  );
}
