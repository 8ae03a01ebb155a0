import type { FlowName } from '../flows/index';

/** A change of the product's code: `find` stands in the file exactly once, and `replace` takes its place. */
export interface Change {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A deliberate fault of the product. The simulator has to find it: otherwise it would not find a real one of its kind. */
export interface Mutant {
  /** What is broken, as a sentence. */
  readonly name: string;
  /** The promises of which one has to break: `violated` of the flows and of history.ts is called with them. */
  readonly breaks: readonly string[];
  readonly flows: readonly FlowName[];
  readonly changes: readonly Change[];
}
