import { z } from 'zod';
import type { CallOptions } from '../http/call-options';
import { RetriableError } from '../core/errors';
import { jsonOf } from './errors';
import type { WebApi } from './web-api';

/** Path of the row that says it. */
export const LANGUAGE_PATH = 'organizations?$select=languagecode';

const shape = z.object({ value: z.array(z.object({ languagecode: z.number().int().positive() })).min(1) });
const purpose = 'read the language of the organization';

/**
 * The organization's base language (LCID, e.g. 1033), for labels that the user's language lacks; undefined where it can't be found out.
 *
 * @param definitions metadata whose labels are wanted: where all have the user's language nothing is asked
 */
export async function organizationLanguage(
  api: WebApi,
  definitions: readonly unknown[],
  { signal }: CallOptions,
): Promise<number | undefined> {
  if (!definitions.some(lacksLabel)) return undefined;
  const response = await api.tryRead(LANGUAGE_PATH, { purpose }, { signal }).catch(passing);
  if (!response || response.status >= 300) return undefined;
  return languageIn(jsonOf(response, purpose));
}

/** The language that the response to {@link LANGUAGE_PATH} names, if it does. */
export function languageIn(body: unknown): number | undefined {
  const parsed = shape.safeParse(body);
  return parsed.success ? parsed.data.value[0]?.languagecode : undefined;
}

const unlabelled = z.object({
  DisplayName: z.object({ UserLocalizedLabel: z.null().optional(), LocalizedLabels: z.array(z.unknown()).min(2) }),
});

/** Labels in several languages and none in the user's: only then is there a choice. */
function lacksLabel(definition: unknown): boolean {
  return unlabelled.safeParse(definition).success;
}

/** A label is worth no failure; an interruption passes, and the names stand in for it. */
function passing(error: unknown): undefined {
  if (error instanceof RetriableError && error.code !== 'ABORTED') return undefined;
  throw error;
}
