import type { DataverseClient } from './client';
import { ConfigurationError } from '../core/errors';
import type { Table } from '../core/metadata';
import type { Checkpoint } from '../sync/feed/checkpoint';

/**
 * The guards of a replay (docs/facts/campaign.md, "Adobe's own integration"): too many rows, or too many changes still
 * waiting. A limit of 0 switches its guard off.
 *
 * @throws ConfigurationError REPLAY_TOO_LARGE
 */
export async function checkReplay(
  client: DataverseClient,
  table: Table,
  stored: Checkpoint | undefined,
  limits: { readonly rows: number; readonly backlog: number },
  signal: AbortSignal,
): Promise<void> {
  const refuse = (what: string, count: number, limit: number, setting: string) => {
    if (limit === 0 || count < limit) return;
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
      await client.totalCount(table, { signal }),
      limits.rows,
      'Replay: Limit of Rows',
    );
  }
  if (limits.backlog > 0 && stored?.position.phase === 'delta') {
    const waiting = await client.countPending(table, stored.position.link, { signal });
    refuse('the number of changes still waiting is', waiting, limits.backlog, 'Replay: Limit of Waiting Changes');
  }
}
