import { z } from 'zod';
import { checkTimes } from '../../lib/sync/marketing-events/check-times';
import { DEFAULT_LOG_COLUMNS, type LogColumns } from '../../lib/sync/marketing-events/log-columns';
import type { EventKind } from '../../lib/sync/marketing-events/marketing-event';
import { MIRROR_PAGE_LINKS, UNSUBSCRIPTION_LINKS } from '../../lib/sync/marketing-events/link-patterns';
import { readBatchParameter, type ParameterContext } from '../shared/batch-parameters';
import { parseParameters } from '../shared/parse-parameters';
import type { EventSettings } from './make-events';

const NODE = 'Marketing Events';

const name = z.string().trim().min(1, 'the name of a column is missing');
const columnNames = Object.keys(DEFAULT_LOG_COLUMNS) as (keyof LogColumns)[];
const columns = z.object(
  Object.fromEntries(columnNames.map((key) => [key, name.default(DEFAULT_LOG_COLUMNS[key])])) as Record<
    keyof LogColumns,
    z.ZodDefault<typeof name>
  >,
);

const listOf = (text: string) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

const labels = z.string().default('').transform(listOf);

const MOST_PATTERNS = 100;
const patterns = (standard: readonly string[]) =>
  z
    .string()
    .default(standard.join(', '))
    .transform(listOf)
    .refine((each) => each.length <= MOST_PATTERNS, `there are more than ${MOST_PATTERNS} patterns`)
    // A shorter one would stand in every URL.
    .refine((each) => each.every((pattern) => pattern.replaceAll('*', '').length >= 3), 'a pattern is too short')
    .refine((each) => each.every((pattern) => !pattern.slice(0, -1).includes('*')), 'a * is not at the end');

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
    scannerSeconds: z.coerce.number().int().min(0).max(3600).default(0),
    severalLinksAtOnce: z.boolean().default(false),
    unsubscriptionLinks: patterns(UNSUBSCRIPTION_LINKS),
    mirrorPageLinks: patterns(MIRROR_PAGE_LINKS),
    labelsClick: labels,
    labelsEmail: labels,
    labelsFailed: labels,
    labelsHard: labels,
    labelsIgnored: labels,
    labelsMirrorPage: labels,
    labelsNotSent: labels,
    labelsOpen: labels,
    labelsOtherChannel: labels,
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
export function readSettings(context: ParameterContext): EventSettings {
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
    scannerSeconds: options.scannerSeconds,
    leaveOutBursts: options.severalLinksAtOnce,
    unsubscriptionLinks: options.unsubscriptionLinks,
    mirrorPageLinks: options.mirrorPageLinks,
    labels: {
      status: { sent: options.labelsSent, failed: options.labelsFailed, other: options.labelsNotSent },
      failure: { hard: options.labelsHard, soft: options.labelsSoft, ignored: options.labelsIgnored },
      link: {
        open: options.labelsOpen,
        click: options.labelsClick,
        unsubscribe: options.labelsUnsubscribe,
        mirrorPage: options.labelsMirrorPage,
      },
      channel: { email: options.labelsEmail, other: options.labelsOtherChannel },
    },
  };
}
