import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { parseParameters } from '../shared/parse-parameters';

export const OPERATIONS = ['get', 'update', 'upsert', 'addTimelineActivity', 'prepareTimelineTables'] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * The chosen operation; what else is set, each operation reads in its own `.settings.ts`.
 *
 * @throws ConfigurationError SETTINGS_INVALID
 */
export function readOperation(context: Pick<IExecuteFunctions, 'getNodeParameter'>): Operation {
  return parseParameters(z.enum(OPERATIONS), context.getNodeParameter('operation', 0), 'Dynamics 365 node');
}
