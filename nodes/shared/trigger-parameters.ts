import type { INodeProperties, ITriggerFunctions } from 'n8n-workflow';
import { z } from 'zod';

/** The parameters that both triggers have, since both deliver batches until their runs succeed. */
export const batchSizeProperty: INodeProperties = {
  displayName: 'Batch Size',
  name: 'batchSize',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 5000, numberPrecision: 0 },
  default: 500,
  description: 'How many rows one execution gets at most. In queue mode, 100 to 500 is a good size.',
};

export const batchSize = z.coerce.number().int().min(1).max(5000);

export const longestRetryPauseProperty: INodeProperties = {
  displayName: 'Longest Pause Between Attempts',
  name: 'longestRetryPause',
  type: 'number',
  typeOptions: { minValue: 1 },
  default: 300,
  description:
    'In seconds. A batch whose run failed is delivered again after 1, 2, 4 ... seconds, at most this long apart, until it succeeds.',
};

/** In seconds. */
export const longestRetryPause = z.coerce.number().min(1).max(86_400).default(300);

export const allClearProperty: INodeProperties = {
  displayName: 'All Clear',
  name: 'allClear',
  type: 'options',
  options: [
    {
      name: 'To the Error Workflow',
      value: 'errorWorkflow',
      description: 'Whoever got the alarm also hears that it is over',
    },
    { name: 'To the Log Only', value: 'log' },
  ],
  default: 'errorWorkflow',
};

export const allClear = z.enum(['errorWorkflow', 'log']).default('errorWorkflow');
export type AllClear = z.infer<typeof allClear>;

const DEFAULT_RUN_SECONDS = 3600;

/** How long a run may take: the workflow's execution timeout, or an hour where it has none. In milliseconds. */
export function runMsOf(context: Pick<ITriggerFunctions, 'getWorkflowSettings'>): number {
  const timeout = context.getWorkflowSettings().executionTimeout;
  return (typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_RUN_SECONDS) * 1000;
}
