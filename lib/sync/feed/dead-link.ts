import { ConfigurationError, FatalError, sentence, SyncError } from '../../core/errors';
import type { LoadKind, Position } from './checkpoint';
import { DeltaTokenExpiredError } from './delta-token-expired';

/**
 * Refusals after which a stored link will never be read again, by code: it asks for a column or table that is no longer there, leads
 * elsewhere, or is not understood. Sign-in, rights and outages are none: they are mended outside, and the link is good again.
 */
const DEAD: ReadonlySet<string> = new Set(['UNKNOWN_COLUMN', 'REFUSED_BY_DYNAMICS', 'FOREIGN_LINK']);

/** True for an error after which reading the same link again has no point. */
export function isLinkDead(error: unknown): boolean {
  return error instanceof DeltaTokenExpiredError || (error instanceof SyncError && DEAD.has(error.code));
}

/**
 * Where to go on when the link of a position is dead: with a full read, as after an expired delta token. Undefined where the position has no
 * stored link: then it is the settings or Dynamics 365 that have to be mended.
 *
 * A load that had not ended begins again as loud as it was, and keeps its safety token: what happened since is not lost.
 */
export function readAnew(at: Position): Position | undefined {
  if (at.link === null) return undefined;
  const load: LoadKind = at.phase === 'load' || at.phase === 'safety-token' ? at.load : 'expired';
  if (at.phase === 'load' && at.safety !== null) return { phase: 'load', link: null, safety: at.safety, load };
  return { phase: 'safety-token', link: null, load };
}

/** What is told then. */
export function linkRefused(table: string, cause: unknown): FatalError {
  const why = cause instanceof ConfigurationError || cause instanceof FatalError ? cause.message : 'It was refused.';
  return new FatalError(
    'STORED_LINK_REFUSED',
    sentence(
      `The place up to which table "${table}" was read can't be gone on from: the whole table is read again. ${why}`,
    ),
    { hint: 'Nothing has to be done. Rows that were deleted since the last read are not found by a full read.' },
  );
}
