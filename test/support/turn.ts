/** One turn of the event loop: long enough for everything that could overtake to do so. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** So many turns. */
export async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done++) await turn();
}
