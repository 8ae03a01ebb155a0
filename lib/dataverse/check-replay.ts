import type { DataverseClient } from './client';
import { ConfigurationError, FatalError, type SyncError } from '../core/errors';
import type { Table } from '../core/metadata';
import type { Checkpoint } from '../sync/feed/checkpoint';
import { isLinkDead } from '../sync/feed/dead-link';

/**
 * The guards of a replay (docs/facts/campaign.md, "Adobe's own integration"): too many rows, or too many changes still
 * waiting. A limit of 0 switches its guard off.
 *
 * A count that Dynamics 365 can't give (a table that was not counted yet, a function that the user may not call) forbids nothing: the
 * replay was asked for, and its guard is what is missing.
 *
 * @returns sentences about guards that could not be looked at
 * @throws ConfigurationError REPLAY_TOO_LARGE; RetriableError where the count may come later
 */
export async function checkReplay(
  client: DataverseClient,
  table: Table,
  stored: Checkpoint | undefined,
  limits: { readonly rows: number; readonly backlog: number },
  signal: AbortSignal,
): Promise<string[]> {
  const unknown: string[] = [];
  /** Undefined where it can't be told. */
  const count = async (what: string, ask: () => Promise<number>): Promise<number | undefined> => {
    try {
      return await ask();
    } catch (error) {
      // A dead link will not come back to life: reading on from it is what finds that, and makes a full read of it.
      if (!(error instanceof ConfigurationError || error instanceof FatalError || isLinkDead(error))) throw error;
      unknown.push(
        `Dynamics 365 gives no number of ${what}, so the limit of the replay was not looked at (${(error as SyncError).code}).`,
      );
      return undefined;
    }
  };
  const refuse = (what: string, count: number | undefined, limit: number, setting: string) => {
    if (count === undefined || limit === 0 || count < limit) return;
    throw new ConfigurationError(
      'REPLAY_TOO_LARGE',
      `The replay was not started: ${what} ${count.toLocaleString('en')}, and the limit is ${limit.toLocaleString('en')}.`,
      {
        hint: `Set "Replay" back to what it was, or raise "${setting}" in the options of the trigger (0 means no limit).`,
      },
    );
  };
  if (limits.rows > 0) {
    refuse(
      'the number of rows in the table is',
      await count('rows', () => client.totalCount(table, { signal })),
      limits.rows,
      'Replay: Limit of Rows',
    );
  }
  if (limits.backlog > 0 && stored?.position.phase === 'delta') {
    const { link } = stored.position;
    const waiting = await count('changes still waiting', () => client.countPending(table, link, { signal }));
    refuse('the number of changes still waiting is', waiting, limits.backlog, 'Replay: Limit of Waiting Changes');
  }
  return unknown;
}
