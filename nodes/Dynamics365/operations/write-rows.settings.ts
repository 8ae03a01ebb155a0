import { z } from 'zod';
import type { RowAddress } from '../../../lib/dataverse/row-address';
import { ConfigurationError } from '../../../lib/core/errors';
import { parseTypedName } from '../../../lib/core/metadata';
import { readBatchParameter, type ParameterContext } from '../../shared/batch-parameters';
import { jsonParameter, parseParameters, textOfItem } from '../../shared/parse-parameters';
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
const json = jsonParameter('Columns (JSON)');

/**
 * What the panel says for one item; its parameters may be expressions.
 *
 * @throws ConfigurationError SETTINGS_INVALID, DUPLICATE_COLUMN, NO_COLUMNS
 */
export function readWriteItem(
  context: Pick<ParameterContext, 'getNodeParameter'>,
  item: number,
  { findBy, valuesFrom }: WriteSettings,
): WriteItemSettings {
  const read = (name: string, fallback: unknown) => context.getNodeParameter(name, item, fallback);
  const values =
    valuesFrom === 'json'
      ? parseParameters(z.record(z.unknown()), parseParameters(json, read('columnsJson', '{}'), NODE), NODE)
      : Object.fromEntries(readPairs(read('columnValues.column', []), 'Columns to Write'));
  if (Object.keys(values).length === 0) {
    throw new ConfigurationError('NO_COLUMNS', 'The Dynamics 365 node has no columns to write.', {
      hint: 'Add a column and its value.',
    });
  }
  const ifMatch = parseParameters(textOfItem, read('options.ifMatch', ''), NODE).trim();
  return {
    address:
      findBy === 'id'
        ? { id: parseParameters(textOfItem, read('id', ''), NODE) }
        : {
            key: readPairs(read('alternateKey.column', []), 'Alternate Key').map(([name, value]) => ({ name, value })),
          },
    values,
    ifMatch: ifMatch === '' ? undefined : ifMatch,
  };
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
