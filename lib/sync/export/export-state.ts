import { z } from 'zod';
import { FatalError } from '../../core/errors';
import { haveSameName, isMarked, type FileFacts } from './finished-files';

/** The file that is being delivered. */
const currentFile = z.object({
  name: z.string(),
  /** Of the content, not compressed (contentId). */
  id: z.string(),
  /** Bytes on the server when it was begun. */
  size: z.number(),
  /** Its time when it was begun (milliseconds since the epoch), and whether it was compressed; null where an older version began it. */
  modifiedMs: z.number().nullable(),
  gzip: z.boolean().nullable(),
  rows: z.number(),
  /** Rows whose delivery ended with success. */
  done: z.number(),
  /** The batch under way is the last one: when the file is gone after a restart, it was this trigger that put it away. */
  last: z.boolean(),
});

const stateShape = z.object({
  version: z.literal(2),
  current: currentFile.nullable(),
  /** Number of the last delivery. */
  delivery: z.number(),
  /** Until when the run of the delivery under way may write; null when there is none. */
  deliveryUntil: z.string().nullable(),
  /** Marks of finished files (fileMark), oldest first. */
  finished: z.array(z.string()),
  /**
   * What an older version kept: content ids of finished files. They stand for files that lay in the folder then, and so are not younger
   * than `until` (ISO); null once the folder was gone through.
   */
  before: z.object({ ids: z.array(z.string()), until: z.string() }).nullable(),
  /** `<name>/<size>/<time>` of broken files that could not be moved aside. */
  leftBroken: z.array(z.string()),
  /** When the last file was finished, or else when the trigger first watched (ISO). */
  lastExportAt: z.string(),
  /** Incidents that were reported and are not over. */
  incidents: z.array(z.string()),
  /** Names of files that were reported as not readable, and still are not. */
  troubled: z.array(z.string()).optional(),
  /** Files that were begun and could not be read to their end, so that others got their turn. */
  interrupted: z.array(currentFile).optional(),
});

/** Version 1 knew a file by its content alone. */
const firstShape = stateShape.omit({ before: true }).extend({
  version: z.literal(1),
  current: currentFile.omit({ modifiedMs: true, gzip: true }).nullable(),
});

export type CurrentFile = Readonly<z.infer<typeof currentFile>>;

/** What the trigger keeps in workflow static data: 15 KB at most. */
export type ExportState = Readonly<z.infer<typeof stateShape>>;

/** So many finished files are remembered. */
export const FINISHED_LIMIT = 400;
const LEFT_BROKEN_LIMIT = 20;

export function newState(nowIso: string): ExportState {
  return {
    version: 2,
    current: null,
    delivery: 0,
    deliveryUntil: null,
    finished: [],
    before: null,
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
  const plain: unknown = JSON.parse(JSON.stringify(stored));
  const parsed = stateShape.safeParse(plain);
  if (parsed.success) return parsed.data;
  const first = firstShape.safeParse(plain);
  if (first.success) {
    const { current, finished, lastExportAt } = first.data;
    return {
      ...first.data,
      version: 2,
      current: current && { ...current, modifiedMs: null, gzip: null },
      finished: [],
      before: finished.length === 0 ? null : { ids: finished.slice(-FINISHED_LIMIT), until: lastExportAt },
    };
  }
  throw new FatalError('STATE_UNREADABLE', 'The stored progress of this trigger can not be read.', {
    hint: 'It was written by a newer version of this package, or changed by hand. Put the newer version back, or replace the trigger by a new one: then the files in the folder are read again.',
  });
}

/**
 * How a content is known: the first 96 bits of its SHA-256 (base64url) and its length in bytes, of the content without compression. So a
 * file that was renamed or compressed while it was read is known. A finished file is known by more: see isFinished.
 */
export function contentId(sha256: Uint8Array, bytes: number): string {
  let binary = '';
  for (const byte of sha256.subarray(0, 12)) binary += String.fromCharCode(byte);
  return `${btoa(binary).replaceAll('+', '-').replaceAll('/', '_')}.${bytes.toString(36)}`;
}

/**
 * True when the file was finished. It is known by its name, time, size and content together (isMarked): an export with the content of an
 * earlier one is another export, and a signal that comes again is a signal.
 *
 * @param names of all files in the folder
 */
export function isFinished(state: ExportState, file: FileFacts, names: ReadonlySet<string>): boolean {
  if (isMarked(state.finished, file, names)) return true;
  const { before } = state;
  return before !== null && before.ids.includes(file.id) && file.modifiedMs <= Date.parse(before.until);
}

/**
 * True when a file with the content of the one that was begun is that file: it may have been renamed or compressed meanwhile. With another
 * time it is another upload, all of whose rows count.
 */
export function isSame(current: CurrentFile, file: FileFacts): boolean {
  if (current.modifiedMs === null) return true;
  const hasName = file.name === current.name;
  // After its last batch the file was put away: under another name there is another file.
  if (file.modifiedMs === current.modifiedMs && file.size === current.size) return hasName || !current.last;
  return file.gzip && current.gzip === false && (hasName || file.name === `${current.name}.gz`);
}

/** True when one more file can be remembered without forgetting a file that still lies in the folder. */
export function canRemember(state: ExportState, present: ReadonlySet<string>): boolean {
  return state.finished.length < FINISHED_LIMIT || state.finished.some((id) => !present.has(id));
}

/**
 * Marks a file as finished. Past the limit the oldest one is forgotten that is not in the folder any more; so is one of the same name,
 * whose place the file has taken.
 *
 * @param present marks of the finished files known to lie in the folder
 */
export function finish(state: ExportState, mark: string, present: ReadonlySet<string>, nowIso: string): ExportState {
  return { ...remember(state, mark, present), current: null, deliveryUntil: null, lastExportAt: nowIso };
}

/** As `finish`, for a file that was finished under another mark. */
export function remember(state: ExportState, mark: string, present: ReadonlySet<string>): ExportState {
  const finished = state.finished.filter(
    (other) => other !== mark && (present.has(other) || !haveSameName(other, mark)),
  );
  while (finished.length >= FINISHED_LIMIT) {
    const goner = finished.findIndex((other) => !present.has(other));
    finished.splice(Math.max(goner, 0), 1);
  }
  return { ...state, finished: [...finished, mark] };
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
