import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { columnsToRead } from '../../shared/columns-to-read';
import { parseParameters } from '../../shared/parse-parameters';

const NODE = 'Dynamics 365 node';

type SettingsContext = Pick<IExecuteFunctions, 'getNodeParameter'>;

/** What happens with an id whose row no longer exists. */
export type MissingRows = 'delete' | 'reject' | 'omit';

/** Get's parameters that hold for all items. */
export interface GetSettings {
  /** Logical name. */
  readonly table: string;
  /** Names of columns; undefined means all that can be read. */
  readonly columns: readonly string[] | undefined;
  readonly missingRows: MissingRows;
  readonly labels: boolean;
}

/** Get's parameters that each item may set for itself. */
export interface GetItemSettings {
  /** As it was given; may be no id at all. */
  readonly id: string;
  readonly initial: boolean;
}

const table = z.string({ message: 'choose a table' }).trim().min(1, 'choose a table');

const get = z.object({
  table,
  columnsMode: z.enum(['selected', 'all']),
  columns: z.array(z.string().min(1)),
  missingRows: z.enum(['delete', 'reject', 'omit']),
  labels: z.boolean(),
});

const getItem = z.object({
  // What is no text is rejected with its item, not with the batch.
  id: z.string().trim().catch(''),
  initial: z.boolean({ message: 'must be true or false' }),
});

/**
 * Get's parameters, read once.
 *
 * @throws ConfigurationError SETTINGS_INVALID, NO_COLUMNS
 */
export function readGetSettings(context: SettingsContext): GetSettings {
  const { columnsMode, columns, ...rest } = parse(get, {
    table: context.getNodeParameter('table', 0, '', { extractValue: true }),
    columnsMode: context.getNodeParameter('columnsMode', 0, 'selected'),
    columns: context.getNodeParameter('columns', 0, []),
    missingRows: context.getNodeParameter('missingRows', 0, 'delete'),
    labels: context.getNodeParameter('options.labels', 0, true),
  });
  return { ...rest, columns: columnsToRead({ columnsMode, columns }, NODE) };
}

/**
 * Get's parameters of one item.
 *
 * @throws ConfigurationError SETTINGS_INVALID
 */
export function readGetItem(context: SettingsContext, item: number): GetItemSettings {
  return parse(getItem, {
    id: context.getNodeParameter('id', item, ''),
    initial: context.getNodeParameter('initial', item, false),
  });
}

function parse<T>(schema: z.ZodType<T, z.ZodTypeDef, unknown>, value: unknown): T {
  return parseParameters(schema, value, NODE);
}
