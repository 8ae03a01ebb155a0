import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import type { WritableChange } from '../../../lib/campaign/record-writer';
import { readRecord, type RecordSettings, type Settings } from '../settings';
import { changePerItem, targetOf, type Describe } from './record-change';
import { writeChanges, type WriteContext } from './write-changes';

/** Shown for Apply Change too: it deletes where an item says so. */
export const deleteProperties: INodeProperties[] = [
  {
    displayName:
      "Deleting a profile is <b>not</b> a privacy delete: its delivery and tracking logs stay in Adobe Campaign. For the request of a person (GDPR, CCPA) use Adobe's Privacy Service, and handle Dynamics 365 separately.",
    name: 'privacyNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { operation: ['apply', 'delete'] } },
  },
];

/** Deletes the record with each item's key; one that is not there is fine. */
export function deleteRecords(
  context: WriteContext,
  client: CampaignClient,
  settings: Settings,
): Promise<INodeExecutionData[][]> {
  return writeChanges(context, client, settings, (items) =>
    changePerItem(context, client, items, async (item, describe) => deleteChange(readRecord(context, item), describe)),
  );
}

/** A Delete's change. */
export async function deleteChange(settings: RecordSettings, describe: Describe): Promise<WritableChange> {
  const description = await describe(settings.resource);
  return { change: 'delete', initial: false, target: targetOf(settings, description, {}) };
}
