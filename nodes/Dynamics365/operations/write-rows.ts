import type { INodeExecutionData } from 'n8n-workflow';
import type { TableDescription } from '../../../lib/core/metadata';
import { unknownColumns } from '../../../lib/core/unknown-column';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { lookupTargets, writeColumns } from '../../../lib/dataverse/lookup-targets';
import type { WriteColumn } from '../../../lib/dataverse/row-plan';
import { writeRows, type RowWrite } from '../../../lib/dataverse/row-writer';
import { cached, describeTable, listTables } from '../../shared/metadata-cache';
import { withFreshMetadata } from '../../shared/with-fresh-metadata';
import { readRowItem } from './read-row-item';
import { writeBatch, type WriteContext } from './write-batch';
import { readWriteSettings } from './write-rows.settings';

/** Windows of rows (50 each) at work at once: enough that one is read while another is written. */
const WINDOWS = 2;

/** Update and Upsert: every item leaves through one of the four outputs, with its outcome. */
export async function writeItems(
  context: WriteContext,
  client: DataverseClient,
  mode: 'update' | 'upsert',
): Promise<INodeExecutionData[][]> {
  const settings = readWriteSettings(context);
  const writes = context.getInputData().map((item, index) => readRowItem(context, item, index, settings));
  return await writeBatch(context, client, settings, async (deps, options) => {
    const { signal } = options;
    const { description, columns } = await withFreshMetadata((refresh) =>
      describeColumns(client, settings.table, namesOf(writes), { refresh, signal }),
    );
    const { table } = description;
    return await writeRows(writes, deps, { ...settings, ...options, table, columns, mode, concurrency: WINDOWS });
  });
}

/** Every column that is named anywhere in the batch, so that an unknown one is found before the first write. */
function namesOf(writes: readonly RowWrite[]): Set<string> {
  const names = new Set<string>();
  for (const { address, values, outcome } of writes) {
    if (outcome) continue;
    for (const name in values) names.add(name);
    if ('key' in address) for (const { name } of address.key) names.add(name);
  }
  return names;
}

async function describeColumns(
  client: DataverseClient,
  table: string,
  names: ReadonlySet<string>,
  options: { readonly refresh: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ description: TableDescription; columns: ReadonlyMap<string, WriteColumn> }> {
  const description = await describeTable(client, table, options);
  const lookups = description.columns.some(
    ({ type, name }) => type === 'lookup' && (names.has(name) || names.has(name.slice(1, -6))),
  );
  const targets = lookups
    ? await cached(client, `lookups ${table}`, options, async () =>
        lookupTargets(client, table, await listTables(client, options)),
      )
    : new Map<string, never>();
  const columns = writeColumns(description, targets);
  const unknown = [...names].filter((name) => !columns.has(name));
  if (unknown.length === 0) return { description, columns };
  throw unknownColumns(description.table, unknown, {
    candidates: description.columns,
    then: 'Open the node and choose the columns anew.',
  });
}
