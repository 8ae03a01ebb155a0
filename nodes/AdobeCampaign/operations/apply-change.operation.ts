import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import { readChanges } from '../read-changes';
import type { Settings } from '../settings';
import { writeChanges, type WriteContext } from './write-changes';

export const applyProperties: INodeProperties[] = [
  {
    displayName:
      'Each item says what to write where: put a Field Mapper before this node. Records are matched on their key alone; a record whose key the item does not name is never touched. Only fields that differ are written. Items that were rejected or skipped on the way leave through the output of that name.',
    name: 'applyNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { operation: ['apply'] } },
  },
];

/** Writes or deletes each record as its item says. */
export function applyChange(
  context: WriteContext,
  client: CampaignClient,
  settings: Settings,
): Promise<INodeExecutionData[][]> {
  return writeChanges(context, client, settings, (items) => readChanges(items, settings.consent));
}
