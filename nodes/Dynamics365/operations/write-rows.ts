import type { INodeExecutionData } from 'n8n-workflow';
import { RejectedRecordError } from '../../../lib/core/errors';
import type { Table, TableDescription } from '../../../lib/core/metadata';
import { isNameLike } from '../../../lib/core/name-like';
import { rejectionOutcome } from '../../../lib/core/rejection-outcome';
import { unknownColumns } from '../../../lib/core/unknown-column';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { lookupTargets, writeColumns } from '../../../lib/dataverse/lookup-targets';
import type { WriteColumn } from '../../../lib/dataverse/row-plan';
import { writeRows, type RowWrite } from '../../../lib/dataverse/row-writer';
import { cached, describeTable, listTables } from '../../shared/metadata-cache';
import { readEach } from '../../../lib/core/read-each';
import { withFreshMetadata } from '../../shared/with-fresh-metadata';
import { NO_WRITE, readRowItem } from './read-row-item';
import { writeBatch, type WriteContext } from './write-batch';
import { readWriteSettings, type WriteSettings } from './write-rows.settings';

/** Windows of rows (50 each) at work at once: enough that one is read while another is written. */
const WINDOWS = 2;

/** Update and Upsert: every item leaves through one of the four outputs, with its outcome. */
export async function writeItems(
  context: WriteContext,
  client: DataverseClient,
  mode: 'update' | 'upsert',
): Promise<INodeExecutionData[][]> {
  const settings = readWriteSettings(context);
  const writes = readEach(
    context.getInputData(),
    (item, index) => readRowItem(context, item, index, settings),
    (outcome): RowWrite => ({ ...NO_WRITE, outcome }),
  );
  return await writeBatch(context, client, settings, async (deps, options) => {
    const { signal } = options;
    const { description, columns } = await withFreshMetadata((refresh) =>
      describeColumns(client, settings, writes, { refresh, signal }),
    );
    const { table } = description;
    const known = writes.map((write) => withKnownColumns(write, table, columns));
    return await writeRows(known, deps, { ...settings, ...options, table, columns, mode, concurrency: WINDOWS });
  });
}

/** Every column that an item names. */
function namesOf({ address, values, outcome }: RowWrite): string[] {
  if (outcome) return [];
  return [...Object.keys(values), ...('key' in address ? address.key.map(({ name }) => name) : [])];
}

/** Names as messages show them: what is no name may be a value that stands in its place. */
function shown(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => (isNameLike(name) ? name : '…')))];
}

/** The write, or its rejection where the table has not all of its columns. */
function withKnownColumns(write: RowWrite, table: Table, columns: ReadonlyMap<string, WriteColumn>): RowWrite {
  const unknown = namesOf(write).filter((name) => !columns.has(name));
  if (unknown.length === 0) return write;
  const { code, message, hint } = unknownColumns(table, shown(unknown), {
    candidates: columns.values(),
    then: 'Write the names of columns as Dynamics 365 has them.',
  });
  return {
    ...write,
    outcome: rejectionOutcome(new RejectedRecordError(code, message, { hint, field: unknown.find(isNameLike) })),
  };
}

async function describeColumns(
  client: DataverseClient,
  { table, valuesFrom }: WriteSettings,
  writes: readonly RowWrite[],
  options: { readonly refresh: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ description: TableDescription; columns: ReadonlyMap<string, WriteColumn> }> {
  const description = await describeTable(client, table, options);
  const asked = writes.map(namesOf).filter((each) => each.length > 0);
  const names = new Set(asked.flat());
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
  // What the panel names is a setting, and so is what every item names; what some items name is their own fault.
  const isOwn = valuesFrom !== 'list' && asked.some((each) => each.every((name) => columns.has(name)));
  if (isOwn && options.refresh) return { description, columns };
  throw unknownColumns(description.table, valuesFrom === 'list' ? unknown : shown(unknown), {
    candidates: description.columns,
    then: 'Open the node and choose the columns anew.',
  });
}
