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
  return uuidOf(instance === '' ? [kind, logId] : [kind, logId, instance]);
}

/**
 * The id where another event has the first one: Campaign uses the ids of its logs again, after years or in an instance that was set up
 * anew. It follows from the event too, so that this one can be created once only as well.
 */
export function laterActivityId({ kind, logId, contactId, time }: MarketingEvent, instance = ''): string {
  return uuidOf([kind, logId, instance, contactId, time.slice(0, 'YYYY-MM-DD'.length)]);
}

function uuidOf(name: readonly string[]): string {
  const hash = createHash('sha1').update(NAMESPACE).update(JSON.stringify(name)).digest().subarray(0, 16);
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
