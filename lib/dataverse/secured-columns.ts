import { z } from 'zod';
import type { CallOptions } from '../http/call-options';
import type { Column } from '../core/metadata';
import { jsonOf } from './errors';
import { logicalNameOf, queryOf } from './odata';
import type { WebApi } from './web-api';

const permissions = z.object({ value: z.array(z.object({ attributelogicalname: z.string() })) });
const user = z.object({ UserId: z.string() });

/** The profiles of column security that the user has: by itself, and by a team. */
const OWN_PROFILES = [
  (id: string) => `fieldsecurityprofileid/systemuserprofiles_association/any(u:u/systemuserid eq ${id})`,
  (id: string) =>
    `fieldsecurityprofileid/teamprofiles_association/any(t:t/teammembership_association/any(u:u/systemuserid eq ${id}))`,
];

/** `canread` of a permission that allows it. */
const ALLOWED = 4;

/**
 * The columns with what the user may read of the secured ones (docs/facts/dataverse.md, "Column security"). Nothing is asked where none is
 * secured. Where the permissions can't be read, a secured column stays `unknown`.
 */
export async function withReadingRights(
  api: WebApi,
  table: string,
  columns: readonly Column[],
  options: CallOptions,
): Promise<readonly Column[]> {
  if (!columns.some(({ secured }) => secured)) return columns;
  const purpose = `read the column security of table "${table}"`;
  const ask = async (path: string): Promise<unknown> => {
    const response = await api.tryRead(path, { purpose }, options);
    return response.status < 300 ? jsonOf(response, purpose) : undefined;
  };
  const me = user.safeParse(await ask('WhoAmI'));
  if (!me.success) return columns;
  const readable = new Set<string>();
  let isKnown = true;
  for (const own of OWN_PROFILES) {
    const filter = `entityname eq '${table}' and canread eq ${ALLOWED} and ${own(me.data.UserId)}`;
    const query = queryOf({ select: 'attributelogicalname', filter });
    const found = permissions.safeParse(await ask(`fieldpermissions?${query}`));
    if (found.success) for (const { attributelogicalname } of found.data.value) readable.add(attributelogicalname);
    else isKnown = false;
  }
  return columns.map((column): Column => {
    if (!column.secured) return column;
    const { secured: _, ...rest } = column;
    if (readable.has(logicalNameOf(column.name))) return rest;
    return { ...rest, secured: isKnown ? 'unreadable' : 'unknown' };
  });
}
