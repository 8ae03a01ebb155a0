/**
 * Works through tasks with a fixed number in progress at once, in their order. After the first error, or once `stop` aborts, no further
 * task is started; those in progress end first. Then the first error is thrown. An abort alone is not an error here.
 *
 * @param lanes how many at once, at least 1
 */
export async function runConcurrently<T>(
  tasks: readonly T[],
  lanes: number,
  work: (task: T) => Promise<void>,
  stop?: AbortSignal,
): Promise<void> {
  let next = 0;
  let failed = false;
  let failure: unknown;
  const lane = async () => {
    while (!failed && !stop?.aborted && next < tasks.length) {
      try {
        await work(tasks[next++] as T);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(lanes, tasks.length)) }, lane));
  if (failed) throw failure;
}
