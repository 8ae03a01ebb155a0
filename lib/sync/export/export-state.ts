import { z } from 'zod';
import { FatalError } from '../../core/errors';

/** The file that is being delivered. */
const currentFile = z.object({
  name: z.string(),
  /** Of the content, not compressed (contentId). */
  id: z.string(),
  /** Bytes on the server when it was begun. */
  size: z.number(),
  rows: z.number(),
  /** Rows whose delivery ended with success. */
  done: z.number(),
  /** The batch under way is the last one: when the file is gone after a restart, it was this trigger that put it away. */
  last: z.boolean(),
});

const stateShape = z.object({
  version: z.literal(1),
  current: currentFile.nullable(),
  /** Number of the last delivery. */
  delivery: z.number(),
  /** Until when the run of the delivery under way may write; null when there is none. */
  deliveryUntil: z.string().nullable(),
  /** Content ids of finished files, oldest first. */
  finished: z.array(z.string()),
  /** `<name>/<size>/<time>` of broken files that could not be moved aside. */
  leftBroken: z.array(z.string()),
  /** When the last file was finished, or else when the trigger first watched (ISO). */
  lastExportAt: z.string(),
  /** Incidents that were reported and are not over. */
  incidents: z.array(z.string()),
});

export type CurrentFile = Readonly<z.infer<typeof currentFile>>;

/** What the trigger keeps in workflow static data: 12 KB at most. */
export type ExportState = Readonly<z.infer<typeof stateShape>>;

/** So many finished files are remembered by their content. */
export const FINISHED_LIMIT = 400;
const LEFT_BROKEN_LIMIT = 20;

export function newState(nowIso: string): ExportState {
  return {
    version: 1,
    current: null,
    delivery: 0,
    deliveryUntil: null,
    finished: [],
    leftBroken: [],
    lastExportAt: nowIso,
    incidents: [],
  };
}

/**
 * Reads the stored state; nothing stored yet gives a new one.
 *
 * @throws FatalError STATE_UNREADABLE: starting anew would read finished files again, which must be the user's decision.
 */
export function readState(stored: unknown, nowIso: string): ExportState {
  if (stored === undefined || stored === null) return newState(nowIso);
  const parsed = stateShape.safeParse(JSON.parse(JSON.stringify(stored)));
  if (parsed.success) return parsed.data;
  throw new FatalError('STATE_UNREADABLE', 'The stored progress of this trigger can not be read.', {
    hint: 'It was written by a newer version of this package, or changed by hand. Put the newer version back, or replace the trigger by a new one: then the files in the folder are read again.',
  });
}

/**
 * How a content is known: the first 96 bits of its SHA-256 (base64url) and its length in bytes, of the content without compression. So a file
 * that was renamed, uploaded again or compressed by Campaign is known, whatever its name or time.
 */
export function contentId(sha256: Uint8Array, bytes: number): string {
  let binary = '';
  for (const byte of sha256.subarray(0, 12)) binary += String.fromCharCode(byte);
  return `${btoa(binary).replaceAll('+', '-').replaceAll('/', '_')}.${bytes.toString(36)}`;
}

/** True when one more content can be remembered without forgetting a file that still lies in the folder. */
export function canRemember(state: ExportState, present: ReadonlySet<string>): boolean {
  return state.finished.length < FINISHED_LIMIT || state.finished.some((id) => !present.has(id));
}

/**
 * Marks a content as finished. Past the limit the oldest one is forgotten whose file is not in the folder any more (`present`: ids of the
 * finished files known to lie there).
 */
export function finish(state: ExportState, id: string, present: ReadonlySet<string>, nowIso: string): ExportState {
  const finished = state.finished.filter((other) => other !== id);
  while (finished.length >= FINISHED_LIMIT) {
    const goner = finished.findIndex((other) => !present.has(other));
    finished.splice(Math.max(goner, 0), 1);
  }
  return { ...state, current: null, deliveryUntil: null, finished: [...finished, id], lastExportAt: nowIso };
}

export function leaveBroken(state: ExportState, key: string): ExportState {
  return {
    ...state,
    leftBroken: [...state.leftBroken.filter((other) => other !== key), key].slice(-LEFT_BROKEN_LIMIT),
  };
}

export function forgetBroken(state: ExportState, key: string): ExportState {
  return { ...state, leftBroken: state.leftBroken.filter((other) => other !== key) };
}
