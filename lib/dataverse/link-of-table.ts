import { FatalError } from '../core/errors';
import { sameOriginLink } from '../http/same-origin';
import type { LinkedPageRequest } from './rows';

/**
 * The link of a page, checked to be of this server; where changes are followed, of the table besides. Those of another table would be taken
 * for its own: its deletions for deletions, and that nothing changes there for nothing that changes here.
 *
 * @param root of the Web API
 * @throws FatalError FOREIGN_LINK
 */
export function linkOfTable({ link, table, trackChanges }: LinkedPageRequest, root: string): string {
  const url = sameOriginLink(link, root, 'Dynamics 365');
  const [collection = ''] = new URL(url).pathname.split('/').filter(Boolean).slice(-1);
  if (!trackChanges || collection.toLowerCase() === table.setName.toLowerCase()) return url;
  throw new FatalError(
    'FOREIGN_LINK',
    `A link to changes of table "${table.name}" leads to something else; it was not followed.`,
    { hint: 'If it stays, look for a gateway between n8n and Dynamics 365 that alters responses.' },
  );
}
