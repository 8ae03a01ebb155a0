import type { INodeExecutionData } from 'n8n-workflow';
import type { DataverseClient } from '../../../lib/dataverse/client';
import type { WriteContext } from './write-batch';
import { writeItems } from './write-rows';

/** Updates rows that are there; one that is not is rejected, never created. */
export function update(context: WriteContext, client: DataverseClient): Promise<INodeExecutionData[][]> {
  return writeItems(context, client, 'update');
}
