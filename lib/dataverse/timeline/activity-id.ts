import { createHash } from 'node:crypto';
import type { MarketingEvent } from '../../sync/marketing-events/marketing-event';

/** The namespace of the activities' ids (RFC 9562, 5.5). It must never change: an export read again would double every event. */
const NAMESPACE = Buffer.from('8f1b2f0e6a0b4c53a9f4d2c7e15b90a6', 'hex');

/**
 * The id of the activity for an event: a UUID of version 5 over the log's row and the kind of event. The same event has the same id
 * whenever and however often it is read, so it can be created once only.
 *
 * @param instance names the Campaign instance where several write into one organization; their logs count from 1 each
 */
export function activityId({ kind, logId }: Pick<MarketingEvent, 'kind' | 'logId'>, instance = ''): string {
  const name = JSON.stringify(instance === '' ? [kind, logId] : [kind, logId, instance]);
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
