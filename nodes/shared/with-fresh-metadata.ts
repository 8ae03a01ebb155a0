import { ConfigurationError } from '../../lib/core/errors';

/**
 * Compiles settings against cached metadata, and once more against fresh metadata if that fails: a column that was just added or retyped
 * must not be called unknown for the minutes that the cache lives.
 *
 * @throws what the second try throws
 */
export async function withFreshMetadata<T>(compile: (refresh: boolean) => Promise<T>): Promise<T> {
  return await compile(false).catch((error: unknown) =>
    error instanceof ConfigurationError ? compile(true) : Promise.reject(error),
  );
}
