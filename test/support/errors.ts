/** What a function throws; fails the test if it throws nothing. */
export function thrown(run: () => unknown): {
  code?: string;
  message: string;
  hint?: string;
  mappingLine?: number;
  field?: string;
} {
  try {
    run();
  } catch (error) {
    return error as { message: string };
  }
  throw new Error('nothing was thrown');
}

/** The error that a promise ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string; hint?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code?: string; hint?: string };
  }
  throw new Error('The promise did not fail');
}
