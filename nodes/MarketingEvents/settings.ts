import { z } from 'zod';
import { checkTimes } from '../../lib/sync/marketing-events/check-times';
import { DEFAULT_LOG_COLUMNS, type LogColumns } from '../../lib/sync/marketing-events/log-columns';
import type { EventKind } from '../../lib/sync/marketing-events/marketing-event';
import type { LogReaderSettings } from '../../lib/sync/marketing-events/read-log-row';
import { readBatchParameter, type ParameterContext } from '../shared/batch-parameters';
import { parseParameters } from '../shared/parse-parameters';

const NODE = 'Marketing Events';

const name = z.string().trim().min(1, 'the name of a column is missing');
const columnNames = Object.keys(DEFAULT_LOG_COLUMNS) as (keyof LogColumns)[];
const columns = z.object(
  Object.fromEntries(columnNames.map((key) => [key, name.default(DEFAULT_LOG_COLUMNS[key])])) as Record<
    keyof LogColumns,
    z.ZodDefault<typeof name>
  >,
);

const labels = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );

const settings = z.object({
  sends: z.boolean(),
  opens: z.boolean(),
  clicks: z.boolean(),
  bounces: z.boolean(),
  log: z.enum(['auto', 'delivery', 'tracking']),
  columns,
  options: z.object({
    dateTimeFormat: z.string().trim().default(''),
    timeZone: z.string().trim().default('UTC'),
    labelsClick: labels,
    labelsFailed: labels,
    labelsHard: labels,
    labelsIgnored: labels,
    labelsMirrorPage: labels,
    labelsNotSent: labels,
    labelsOpen: labels,
    labelsSent: labels,
    labelsSoft: labels,
    labelsUnsubscribe: labels,
  }),
});

/**
 * The parameters, read once; all hold for the whole batch.
 *
 * @throws ConfigurationError SETTINGS_INVALID, EXPRESSION_PER_ITEM, DATE_TIME_FORMAT, UNKNOWN_TIME_ZONE
 */
export function readSettings(context: ParameterContext): LogReaderSettings {
  const read = (parameter: string, fallback: unknown) => readBatchParameter(context, parameter, fallback);
  const parsed = parseParameters(
    settings,
    {
      sends: read('sends', true),
      opens: read('opens', true),
      clicks: read('clicks', true),
      bounces: read('bounces', true),
      log: read('log', 'auto'),
      columns: read('columns', {}),
      options: read('options', {}),
    },
    `${NODE} node`,
  );
  const { options } = parsed;
  const switches: readonly (readonly [EventKind, boolean])[] = [
    ['send', parsed.sends],
    ['open', parsed.opens],
    ['click', parsed.clicks],
    ['bounce', parsed.bounces],
  ];
  const dateTimeFormat = options.dateTimeFormat === '' ? 'auto' : options.dateTimeFormat;
  checkTimes(dateTimeFormat, options.timeZone, NODE);
  return {
    log: parsed.log,
    columns: parsed.columns,
    kinds: new Set(switches.filter(([, on]) => on).map(([kind]) => kind)),
    dateTimeFormat,
    timeZone: options.timeZone,
    labels: {
      status: { sent: options.labelsSent, failed: options.labelsFailed, other: options.labelsNotSent },
      failure: { hard: options.labelsHard, soft: options.labelsSoft, ignored: options.labelsIgnored },
      link: {
        open: options.labelsOpen,
        click: options.labelsClick,
        unsubscribe: options.labelsUnsubscribe,
        mirrorPage: options.labelsMirrorPage,
      },
    },
  };
}
