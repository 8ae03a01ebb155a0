import { z } from 'zod';
import { readIfMatch } from '../../../lib/dataverse/if-match';
import type { RowAddress } from '../../../lib/dataverse/row-address';
import { ConfigurationError, RejectedRecordError } from '../../../lib/core/errors';
import { parseTypedName } from '../../../lib/core/metadata';
import { readBatchParameter, type ParameterContext } from '../../shared/batch-parameters';
import { parseParameters, textOfItem } from '../../shared/parse-parameters';
import { sendParameters, sendSettings, type SendSettings } from './send.settings';

/** What holds for all items of Update and Upsert. */
export interface WriteSettings extends SendSettings {
  /** Logical name. */
  readonly table: string;
  /** Where values come from: the item's own `columns`, a list in the panel, or JSON in the panel. */
  readonly valuesFrom: 'item' | 'list' | 'json';
  readonly findBy: 'id' | 'alternateKey';
  readonly onlyChanges: boolean;
}

/** What the panel says for one item. */
export interface WriteItemSettings {
  readonly address: RowAddress;
  readonly values: Readonly<Record<string, unknown>>;
  readonly ifMatch: string | undefined;
}

const NODE = 'Dynamics 365 node';

const settings = z.object({
  table: z.string({ message: 'choose a table' }).trim().min(1, 'choose a table'),
  valuesFrom: z.enum(['item', 'list', 'json']),
  findBy: z.enum(['id', 'alternateKey']),
  options: sendParameters.extend({ onlyChanges: z.boolean().default(true) }),
});

/**
 * The parameters that hold for all items, read once.
 *
 * @throws ConfigurationError SETTINGS_INVALID, EXPRESSION_PER_ITEM
 */
export function readWriteSettings(context: ParameterContext): WriteSettings {
  const { options, ...rest } = parseParameters(
    settings,
    {
      table: context.getNodeParameter('table', 0, '', { extractValue: true }),
      valuesFrom: context.getNodeParameter('valuesFrom', 0, 'list'),
      findBy: context.getNodeParameter('findBy', 0, 'id'),
      options: readBatchParameter(context, 'options', {}, ['ifMatch']),
    },
    NODE,
  );
  return { ...rest, onlyChanges: options.onlyChanges, ...sendSettings(options) };
}

const pairs = z.array(z.object({ column: z.string().min(1, 'choose a column'), value: z.unknown() }));

/**
 * What the panel says for one item; its parameters may be expressions.
 *
 * @throws ConfigurationError SETTINGS_INVALID, DUPLICATE_COLUMN, NO_COLUMNS, COLUMNS_NOT_JSON; RejectedRecordError IF_MATCH_NOT_USABLE, and
 *   COLUMNS_NOT_JSON where an expression gives this item's columns
 */
export function readWriteItem(
  context: Pick<ParameterContext, 'getNodeParameter'>,
  item: number,
  { findBy, valuesFrom }: WriteSettings,
): WriteItemSettings {
  const read = (name: string, fallback: unknown) => context.getNodeParameter(name, item, fallback);
  const values =
    valuesFrom === 'json'
      ? readJson(context, item)
      : Object.fromEntries(readPairs(read('columnValues.column', []), 'Columns to Write'));
  if (Object.keys(values).length === 0) {
    throw new ConfigurationError('NO_COLUMNS', 'The Dynamics 365 node has no columns to write.', {
      hint: 'Add a column and its value.',
    });
  }
  return {
    address:
      findBy === 'id'
        ? { id: parseParameters(textOfItem, read('id', ''), NODE) }
        : {
            key: readPairs(read('alternateKey.column', []), 'Alternate Key').map(([name, value]) => ({ name, value })),
          },
    values,
    ifMatch: readIfMatch(read('options.ifMatch', '')),
  };
}

/**
 * The columns of an item as JSON. By an expression they are made of the record, whose texts may break the JSON: that is the record's
 * fault alone, also where it comes alone.
 */
function readJson(context: Pick<ParameterContext, 'getNodeParameter'>, item: number): Record<string, unknown> {
  const columns = jsonObject(context.getNodeParameter('columnsJson', item, '{}'));
  if (columns) return columns;
  const raw: unknown = context.getNodeParameter('columnsJson', item, '{}', { rawExpressions: true });
  const message =
    'The "Columns (JSON)" of this item are no JSON object of column names and values. Nothing was written.';
  const hint = 'In an expression write texts with JSON.stringify, for example {{ JSON.stringify($json.name) }}.';
  if (typeof raw === 'string' && raw.startsWith('='))
    throw new RejectedRecordError('COLUMNS_NOT_JSON', message, { hint });
  throw new ConfigurationError('COLUMNS_NOT_JSON', message, { hint });
}

function jsonObject(given: unknown): Record<string, unknown> | undefined {
  let value = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given) as unknown;
    } catch {
      return undefined;
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function readPairs(value: unknown, where: string): (readonly [name: string, value: unknown])[] {
  const read = parseParameters(pairs, value, NODE).map(
    (pair) => [parseTypedName(pair.column).name, pair.value] as const,
  );
  const twice = read.find(([name], at) => read.findIndex(([other]) => other === name) !== at);
  if (twice)
    throw new ConfigurationError('DUPLICATE_COLUMN', `The column "${twice[0]}" stands twice in "${where}".`, {
      hint: 'Take one of the two out.',
    });
  return read;
}
