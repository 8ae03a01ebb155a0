import { isSame, type ExportState } from './export-state';
import type { FileFacts } from './finished-files';

const LIMIT = 20;

/** Puts the file that was begun aside, with what is done of it, so that others get their turn. */
export function interrupt(state: ExportState): ExportState {
  const { current } = state;
  if (!current) return state;
  const others = (state.interrupted ?? []).filter(({ id }) => id !== current.id);
  return { ...state, current: null, deliveryUntil: null, interrupted: [...others, current].slice(-LIMIT) };
}

/** How many of the rows of a file that was put aside are done; 0 for any other file. */
export function doneBefore(state: ExportState, file: FileFacts & { readonly rows: number }): number {
  const begun = state.interrupted?.find((other) => other.id === file.id && isSame(other, file));
  // With other settings, the rows of the same file may be others.
  return begun && begun.rows === file.rows ? begun.done : 0;
}

/** Forgets a file that was put aside: it was finished, or is gone. @param id of its content */
export function endInterruption(state: ExportState, id: string): ExportState {
  if (!state.interrupted) return state;
  return { ...state, interrupted: state.interrupted.filter((file) => file.id !== id) };
}
