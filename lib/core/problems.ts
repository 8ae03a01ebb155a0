import { ConfigurationError } from './errors';

/** One wrong line of the settings. */
export interface Problem {
  /** Where it stands, as the panel shows it: `Line 3`, `Condition 2`, `Group 1, condition 2`. */
  readonly where: string;
  readonly code: string;
  readonly message: string;
  /** What the user can do, as whole sentences. */
  readonly hint: string;
}

/**
 * Collects what is wrong with a node's settings, so that a user sees all wrong lines at once and not one per try.
 * Checked before the first record: a wrong setting never costs half a batch.
 */
export class Problems {
  private readonly found: Problem[] = [];

  add(problem: Problem): void {
    this.found.push(problem);
  }

  get any(): boolean {
    return this.found.length > 0;
  }

  /** @throws ConfigurationError with the code of the first problem, and a message and a hint about every one */
  throwIfAny(): void {
    const [first] = this.found;
    if (!first) return;
    const message = this.found.map((problem) => `${problem.where}: ${problem.message}`).join('\n');
    throw new ConfigurationError(first.code, message, { hint: this.hint() });
  }

  /** What can be done about each; said once where it is the same for all. */
  private hint(): string {
    const places = new Map<string, string[]>();
    for (const { where, hint } of this.found) places.set(hint, [...(places.get(hint) ?? []), where]);
    if (places.size === 1) return [...places.keys()].join();
    return [...places].map(([hint, where]) => `${[...new Set(where)].join(', ')}: ${hint}`).join('\n');
  }
}

/**
 * The candidate that a misspelt or renamed name most likely means, by name or by display label; undefined when none is near
 * (more than a third of the letters differ).
 */
export function nearestName(
  name: string,
  candidates: readonly { readonly name: string; readonly label: string }[],
): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    for (const text of [candidate.name.toLowerCase(), candidate.label.toLowerCase()]) {
      const distance = editDistance(wanted, text, bestDistance);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate.name;
      }
    }
  }
  return best;
}

/** A sentence with the nearest name, or an empty string; starts with a space. */
export function didYouMean(
  name: string,
  candidates: readonly { readonly name: string; readonly label: string }[],
): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}

/** Levenshtein's distance, given up (returning `limit`) where it can't be less than `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? limit;
}
