import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import { hasKey, KEY_MISMATCH_HINT, keyProblem } from '../../../lib/campaign/record-key';
import { RejectedRecordError } from '../../../lib/core/errors';
import { runConcurrently } from '../../../lib/core/run-concurrently';
import { rejectionOutcome } from '../../../lib/core/rejection-outcome';
import { resolveResource } from '../../shared/metadata-cache';
import { readRecord, type Settings } from '../settings';

export type GetContext = Pick<
  IExecuteFunctions,
  'getInputData' | 'getNodeParameter' | 'addExecutionHints' | 'getExecutionCancelSignal'
>;

/** In the order of the panel's outputs. */
const OUTPUTS = ['found', 'not found', 'rejected'] as const;

interface Routed {
  readonly output: (typeof OUTPUTS)[number];
  readonly data: INodeExecutionData;
}

/** Looks records up by their keys: Found holds the records, Not Found and Rejected the items as they came in. */
export async function get(
  context: GetContext,
  client: CampaignClient,
  settings: Settings,
): Promise<INodeExecutionData[][]> {
  const items = context.getInputData();
  const signal = context.getExecutionCancelSignal();
  const all: Routed[] = [];
  await runConcurrently(
    [...items.keys()],
    client.credential.maxConcurrency || 10,
    async (index) => {
      all[index] = await getItem(context, client, items, index, settings, signal);
    },
    signal,
  );
  signal?.throwIfAborted();
  const routed = OUTPUTS.map((output) => all.filter((one) => one.output === output).map(({ data }) => data));
  context.addExecutionHints({
    message: OUTPUTS.map((output, index) => `${routed[index]?.length} ${output}`).join(', '),
    location: 'outputPane',
    type: 'info',
  });
  return routed;
}

async function getItem(
  context: GetContext,
  client: CampaignClient,
  items: readonly INodeExecutionData[],
  index: number,
  { lookup }: Settings,
  signal: AbortSignal | undefined,
): Promise<Routed> {
  const pairedItem = { item: index };
  const json = items[index]?.json ?? {};
  try {
    const { resource, keyField, keyValue } = readRecord(context, index);
    const unusable = keyProblem(keyValue, { resource, field: keyField });
    if (unusable) throw new RejectedRecordError(unusable.code, unusable.message);
    const request = { resource: await resolveResource(client, resource, { signal }), keyField, keyValue, lookup };
    const found = await client.find(request, { signal });
    if (!found) return { output: 'not found', data: { json, pairedItem } };
    if (!hasKey(found.record, keyField, keyValue)) {
      throw new RejectedRecordError(
        'KEY_MISMATCH',
        `Adobe Campaign answered the look-up in ${resource} with a record whose ${keyField} is another one.`,
        { hint: KEY_MISMATCH_HINT },
      );
    }
    return { output: 'found', data: { json: found.record as IDataObject, pairedItem } };
  } catch (error) {
    const outcome = rejectionOutcome(error) as unknown as IDataObject;
    return { output: 'rejected', data: { json: { ...json, outcome }, pairedItem } };
  }
}
