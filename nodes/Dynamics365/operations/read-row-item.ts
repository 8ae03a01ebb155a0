import type { INodeExecutionData } from 'n8n-workflow';
import { ConfigurationError, RejectedRecordError } from '../../../lib/core/errors';
import { readDelivery, readOutcome, type ItemJson } from '../../../lib/core/item';
import { rejectionOutcome } from '../../../lib/core/rejection-outcome';
import { readIfMatch } from '../../../lib/dataverse/if-match';
import type { RowWrite } from '../../../lib/dataverse/row-writer';
import type { ParameterContext } from '../../shared/batch-parameters';
import { readWriteItem, type WriteSettings } from './write-rows.settings';

/** Of an item for which nothing is written. */
export const NO_WRITE = { address: { id: '' }, values: {} } as const;

/**
 * What is to be written for an item of Update and Upsert. One that has an outcome keeps it.
 *
 * @throws ConfigurationError OUTCOME_UNKNOWN, NOT_A_WRITE, and those of {@link readWriteItem}
 */
export function readRowItem(
  context: Pick<ParameterContext, 'getNodeParameter'>,
  { json }: INodeExecutionData,
  index: number,
  settings: WriteSettings,
): RowWrite {
  const outcome = readOutcome(json, { index, hint: 'Items to write come from the Opt-Out Resolver, for example.' });
  if (outcome) return { ...NO_WRITE, outcome };
  try {
    const write =
      settings.valuesFrom === 'item'
        ? writeOfItem(json, index, settings.table)
        : readWriteItem(context, index, settings);
    return { ...write, delivery: readDelivery(json) };
  } catch (error) {
    return { ...NO_WRITE, outcome: rejectionOutcome(error) };
  }
}

function writeOfItem({ id, columns, ifMatch, table }: ItemJson, index: number, wanted: string): RowWrite {
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns)) {
    throw new ConfigurationError('NOT_A_WRITE', `Item ${index} does not say what to write: it has no "columns".`, {
      hint: 'Items of the Opt-Out Resolver have them. For other items set "Values" to List of Columns or JSON.',
    });
  }
  if (table !== undefined && table !== wanted) {
    throw new RejectedRecordError(
      'OTHER_TABLE',
      `The item is for another table than "${wanted}", which is set in the node. Nothing was written.`,
      { hint: 'Choose the table of the item in the node, or route the item to a node of its own.' },
    );
  }
  const known = readIfMatch(ifMatch);
  return {
    address: { id: typeof id === 'string' ? id : '' },
    values: columns as Readonly<Record<string, unknown>>,
    ...(known === undefined ? {} : { ifMatch: known }),
  };
}
