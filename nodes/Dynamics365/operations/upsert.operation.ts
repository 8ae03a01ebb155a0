import type { INodeExecutionData } from 'n8n-workflow';
import type { DataverseClient } from '../../../lib/dataverse/client';
import type { WriteContext } from './write-batch';
import { writeItems } from './write-rows';

/** Updates rows, and creates those that are not there under the ID or key that the item gives. */
export function upsert(context: WriteContext, client: DataverseClient): Promise<INodeExecutionData[][]> {
  return writeItems(context, client, 'upsert');
}
