import type { ITriggerFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { columnsToRead } from '../shared/columns-to-read';
import { parseParameters } from '../shared/parse-parameters';
import { allClear, batchSize, longestRetryPause, runMsOf, type AllClear } from '../shared/trigger-parameters';

/** The trigger's parameters, typed. This is the only place that reads them. */
export interface TriggerSettings {
  /** Logical name. */
  readonly table: string;
  /** Names; `undefined`: all columns. */
  readonly columns: readonly string[] | undefined;
  readonly start: 'full' | 'now';
  /** Rows per batch, 1-5000. */
  readonly batchSize: number;
  readonly replay: string;
  readonly labels: boolean;
  /** Who hears that an alarm is over. */
  readonly allClear: AllClear;
  readonly longestPollPauseMs: number;
  readonly longestRetryPauseMs: number;
  readonly replayRowLimit: number;
  readonly replayBacklogLimit: number;
  /** How long a run may take: the workflow's execution timeout, or an hour where it has none. In milliseconds. */
  readonly runMs: number;
}

const parameters = z.object({
  table: z.string().trim().min(1, 'choose a table'),
  columnsMode: z.enum(['selected', 'all']),
  columns: z.array(z.string().min(1)),
  start: z.enum(['full', 'now']),
  batchSize,
  replay: z.coerce.string(),
  options: z
    .object({
      labels: z.boolean().default(true),
      longestPollPause: z.coerce.number().min(1).max(86_400).default(30),
      longestRetryPause,
      allClear,
      replayRowLimit: z.coerce.number().int().min(0).default(2_000_000),
      replayBacklogLimit: z.coerce.number().int().min(0).default(2_000_000),
    })
    .default({}),
});

const NODE = 'Dynamics 365 Trigger';

type SettingsContext = Pick<ITriggerFunctions, 'getNodeParameter' | 'getWorkflowSettings'>;

/**
 * Reads and checks the parameters.
 *
 * @throws ConfigurationError SETTINGS_INVALID that names each parameter and what is wrong with it
 */
export function readSettings(context: SettingsContext): TriggerSettings {
  const read = {
    table: context.getNodeParameter('table', '', { extractValue: true }),
    columnsMode: context.getNodeParameter('columnsMode', 'selected'),
    columns: context.getNodeParameter('columns', []),
    start: context.getNodeParameter('start', 'full'),
    batchSize: context.getNodeParameter('batchSize', 500),
    replay: context.getNodeParameter('replay', ''),
    options: context.getNodeParameter('options', {}),
  };
  const { options, columnsMode, columns, ...rest } = parseParameters(parameters, read, NODE);
  return {
    ...rest,
    columns: columnsToRead({ columnsMode, columns }, NODE),
    labels: options.labels,
    allClear: options.allClear,
    longestPollPauseMs: options.longestPollPause * 1000,
    longestRetryPauseMs: options.longestRetryPause * 1000,
    replayRowLimit: options.replayRowLimit,
    replayBacklogLimit: options.replayBacklogLimit,
    runMs: runMsOf(context),
  };
}
