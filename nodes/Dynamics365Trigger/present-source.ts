import { FatalError } from '../../lib/core/errors';
import type { DataverseClient } from '../../lib/dataverse/client';
import { BeginAgain } from '../../lib/sync/delivery/trigger-host';
import type { ChangeSource } from '../../lib/sync/feed/change-feed';
import type { CurrentClient } from '../shared/current-client';

/** By which an organization's links and checkpoint go, e.g. `https://contoso.crm4.dynamics.com`. */
export function originOf(client: Pick<DataverseClient, 'apiUrl'>): string {
  return new URL(client.apiUrl).origin;
}

/**
 * A source that reads with the credential as it is at each call.
 *
 * @param organization origin that the trigger was begun with; with another one it begins again
 */
export function presentSource(
  table: string,
  organization: string,
  clients: CurrentClient<DataverseClient>,
  sourceOf: (client: DataverseClient) => ChangeSource,
): ChangeSource {
  const sources = new WeakMap<DataverseClient, ChangeSource>();
  const read = <T>(work: (source: ChangeSource) => Promise<T>): Promise<T> =>
    clients.use((client) => {
      if (originOf(client) !== organization) throw new BeginAgain('The credential leads to another address now');
      let source = sources.get(client);
      if (!source) sources.set(client, (source = sourceOf(client)));
      return work(source);
    });
  return {
    table,
    firstPage: (what, options) => read((source) => source.firstPage(what, options)),
    pageAt: (link, what, options) => read((source) => source.pageAt(link, what, options)),
    rowsById: (ids, signal) => read((source) => source.rowsById(ids, signal)),
  };
}

/** Told when the checkpoint is of another organization than the credential leads to: a restored environment, or another URL. */
export function organizationChanged(table: string): FatalError {
  return new FatalError(
    'ORGANIZATION_CHANGED',
    `The credential leads to another organization than before, so the whole table "${table}" is read again.`,
    {
      hint: 'Nothing has to be done after a move or a restore. Rows that were deleted meanwhile are not found by a full read. If it was not meant, put the URL of the credential back.',
    },
  );
}
