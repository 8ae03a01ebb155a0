import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { columnsBesides, securedColumnWarnings, selectColumns } from '../../../lib/dataverse/select-columns';
import { toChange, unreadableChange } from '../../../lib/dataverse/to-change';
import type { Change, DeleteChange } from '../../../lib/core/change';
import { readGuid } from '../../../lib/core/guid';
import { readEach } from '../../../lib/core/read-each';
import { rejectedOutcome } from '../../../lib/core/outcome';
import { columnsMode, displayLabels, selectedColumns } from '../../shared/flow-properties';
import { describeTable } from '../../shared/metadata-cache';
import { withFreshMetadata } from '../../shared/with-fresh-metadata';
import { readGetItem, readGetSettings, type GetSettings } from './get.settings';

const onlyGet = { show: { operation: ['get'] } };

export const getProperties: INodeProperties[] = [
  {
    displayName: 'Row ID',
    name: 'id',
    type: 'string',
    default: '={{ $json.id }}',
    required: true,
    description:
      'The primary key of the row, a GUID. Rows are fetched many at a time; an ID that comes twice gives one item.',
    displayOptions: onlyGet,
  },
  { ...columnsMode, description: 'Which columns the items get', displayOptions: onlyGet },
  { ...selectedColumns, displayOptions: { show: { operation: ['get'], columnsMode: ['selected'] } } },
  {
    displayName: 'Rows That Are Gone',
    name: 'missingRows',
    type: 'options',
    options: [
      { name: 'Give as Deletes', value: 'delete', description: 'An item that deletes the record further on' },
      { name: 'Give as Rejected', value: 'reject', description: 'An item that leaves through Rejected further on' },
      { name: 'Leave Out', value: 'omit', description: 'No item; a hint says how many' },
    ],
    default: 'delete',
    description:
      'What happens with an ID whose row no longer exists. One that the application user may not read is always given as rejected.',
    displayOptions: onlyGet,
  },
  {
    displayName: 'As Initial Load',
    name: 'initial',
    type: 'boolean',
    default: '={{ $json.initial === true }}',
    description:
      'Whether fields with "Apply Updates" off travel too. By default as the input item says: a rejected item keeps whether it came with an initial load. Where this is on for records that came with a later change, values that someone has since changed in Campaign are overwritten, opt-outs among them.',
    displayOptions: onlyGet,
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    displayOptions: onlyGet,
    options: [displayLabels],
  },
];

export type GetContext = Pick<
  IExecuteFunctions,
  'getNodeParameter' | 'getInputData' | 'getExecutionCancelSignal' | 'addExecutionHints'
>;

/** What the input items ask of one row. */
interface Wanted {
  readonly id: string;
  readonly items: number[];
  initial: boolean;
}

/** One item per row, in the order in which the ids first came; then those that name no row. */
export async function get(context: GetContext, client: DataverseClient): Promise<INodeExecutionData[][]> {
  const settings = readGetSettings(context);
  const signal = context.getExecutionCancelSignal();
  const { description, besides } = await withFreshMetadata(async (refresh) => {
    const whole = await describeTable(client, settings.table, { signal, refresh });
    return {
      description: selectColumns(whole, settings.columns, 'Dynamics 365 node'),
      besides: columnsBesides(whole),
    };
  });
  const { wanted, unusable } = readIds(context);
  const { table, columns } = description;
  const names = [...new Set([...columns.map(({ name }) => name), ...besides])];
  const asked = { labels: settings.labels, signal, confirmMissing: true };
  const { rows, unreadable = [] } = await client.getByIds(table, names, [...wanted.keys()], asked);
  const hidden = new Set(unreadable);
  const present = new Map(rows.map((row) => [String(row[table.primaryId]).toLowerCase(), row]));
  const output: INodeExecutionData[] = [];
  let gone = 0;
  for (const { id, initial, items } of wanted.values()) {
    const row = present.get(id);
    const isGone = !row && !hidden.has(id);
    if (isGone) gone++;
    const change = row
      ? toChange(row, description, { initial })
      : isGone
        ? goneChange(table.name, id, settings)
        : unreadableChange(table.name, id);
    if (change) output.push({ json: change as unknown as IDataObject, pairedItem: items.map((item) => ({ item })) });
  }
  for (const item of unusable) output.push({ json: unusableId(table.name), pairedItem: { item } });
  for (const message of securedColumnWarnings(settings.columns === undefined ? { table, columns: [] } : description)) {
    context.addExecutionHints({ message, location: 'outputPane', type: 'warning' });
  }
  context.addExecutionHints({
    message: `${wanted.size - gone - hidden.size} rows, ${gone} gone (${GONE[settings.missingRows]}), ${hidden.size > 0 ? `${hidden.size} not readable, ` : ''}${unusable.length} items without a usable ID`,
    location: 'outputPane',
    type: unusable.length > 0 ? 'warning' : 'info',
  });
  return [output];
}

const GONE = { delete: 'given as deletes', reject: 'given as rejected', omit: 'left out' } as const;

function readIds(context: GetContext): { wanted: Map<string, Wanted>; unusable: number[] } {
  const wanted = new Map<string, Wanted>();
  const unusable: number[] = [];
  const asked = readEach(
    context.getInputData(),
    (_item, index) => readGetItem(context, index),
    () => ({ id: '', initial: false }),
  );
  asked.forEach(({ id: given, initial }, index) => {
    const id = readGuid(given);
    const known = id === undefined ? undefined : wanted.get(id);
    if (id === undefined) unusable.push(index);
    else if (known) {
      known.items.push(index);
      // Only where all agree: the fields that travel with an initial load alone must not travel by mistake.
      known.initial &&= initial;
    } else wanted.set(id, { id, items: [index], initial });
  });
  return { wanted, unusable };
}

function goneChange(table: string, id: string, { missingRows }: GetSettings): Change | undefined {
  if (missingRows === 'omit') return undefined;
  const change: DeleteChange = { change: 'delete', reason: 'deleted', table, id, modifiedOn: null, initial: false };
  if (missingRows === 'delete') return change;
  const message = `The row no longer exists in the table "${table}". Nothing has to be done if it was deleted on purpose.`;
  return { ...change, outcome: rejectedOutcome('ROW_GONE', message) };
}

function unusableId(table: string) {
  const message = `The item has no ID of a row of the table "${table}". Give a GUID in "Row ID".`;
  return { table, id: null, outcome: rejectedOutcome('ID_NOT_USABLE', message) };
}
