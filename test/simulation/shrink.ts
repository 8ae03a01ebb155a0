import { play, type Plan, type Violation } from './history';

/** The parts of a plan that can be left out one by one. */
const PARTS = ['actions', 'faults', 'kills', 'workerKills', 'stalls', 'sftpFaults'] as const;

/**
 * Leaves out of a failing history whatever it fails without: first halves, then smaller pieces, then single events, again and again until
 * none can go.
 *
 * @param most histories that are played for it
 * @param fails the violation of a plan, if it has one
 * @returns the shortest plan that was found which breaks the same promise
 */
export async function shrink(
  plan: Plan,
  { invariant }: Violation,
  {
    most = 400,
    fails = async (candidate) => (await play(candidate)).violation,
  }: { readonly most?: number; readonly fails?: (candidate: Plan) => Promise<Violation | undefined> } = {},
): Promise<Plan> {
  let shortest = plan;
  let left = most;
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    if (left-- <= 0) return false;
    return (await fails(candidate))?.invariant === invariant;
  };
  for (let again = true; again && left > 0;) {
    again = false;
    for (const part of PARTS) {
      const present = (): readonly unknown[] => shortest[part] ?? [];
      for (let size = Math.ceil(present().length / 2); size >= 1; size = Math.floor(size / 2)) {
        for (let from = 0; from < present().length;) {
          const rest = [...present().slice(0, from), ...present().slice(from + size)];
          const candidate = { ...shortest, [part]: rest } as Plan;
          if (await stillFails(candidate)) {
            shortest = candidate;
            again = true;
          } else from += size;
        }
      }
    }
  }
  return shortest;
}
