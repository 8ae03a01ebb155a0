/** What a case found: undefined where everything held. */
export type Finding = string | undefined;

/** A part of the fuzz test: its cases are known by their number, and each comes again with the same seed. */
export interface FuzzPart {
  readonly name: 'records' | 'files' | 'answers';
  /** What one case holds: so many records in a batch, one file, one response. */
  readonly perCase: number;
  /** Runs one case. Throws nothing of its own: what is thrown is a finding too. */
  run(seed: number, index: number): Promise<Finding>;
  close?(): Promise<void>;
}

export interface Found {
  readonly part: FuzzPart['name'];
  readonly seed: number;
  readonly index: number;
  readonly finding: string;
}

const MOST_FOUND = 20;

/** Runs cases from 0 to below `cases`; ends early where too much is found. */
export async function runPart(part: FuzzPart, seed: number, cases: number, only?: number): Promise<Found[]> {
  const found: Found[] = [];
  const indexes = only === undefined ? Array.from({ length: cases }, (_, index) => index) : [only];
  for (const index of indexes) {
    // A case may be done without any waiting; what measures the event loop and ends the process needs a turn.
    await new Promise((resolve) => setImmediate(resolve));
    const finding = await findingOf(part, seed, index);
    if (finding !== undefined) found.push({ part: part.name, seed, index, finding });
    if (found.length >= MOST_FOUND) break;
  }
  return found;
}

async function findingOf(part: FuzzPart, seed: number, index: number): Promise<Finding> {
  try {
    return await part.run(seed, index);
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

/** How a finding comes again. */
export function replayLine({ part, seed, index }: Found): string {
  return `npm run test:fuzz -- --seed ${seed} --only ${part}:${index}`;
}
