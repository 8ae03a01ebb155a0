import { z } from 'zod';
import { EVENT_KINDS, type EventKind } from '../../../lib/sync/marketing-events/marketing-event';
import type { ParameterContext } from '../../shared/batch-parameters';
import { parseParameters } from '../../shared/parse-parameters';

/** Prepare Timeline Tables' parameters. */
export interface PrepareSettings {
  readonly dryRun: boolean;
  readonly kinds: readonly EventKind[];
  readonly prefix: string;
  readonly solution: string | undefined;
}

const prepare = z.object({
  dryRun: z.boolean(),
  kinds: z.array(z.enum(EVENT_KINDS)).min(1, 'choose at least one kind of event'),
  prefix: z
    .string()
    .trim()
    .regex(
      /^(?!mscrm)[a-z][a-z0-9]{1,7}$/,
      'a prefix has 2 to 8 small letters and digits, begins with a letter and not with mscrm',
    ),
  solution: z.string().trim(),
});

/** @throws ConfigurationError SETTINGS_INVALID */
export function readPrepareSettings(context: Pick<ParameterContext, 'getNodeParameter'>): PrepareSettings {
  const { solution, ...rest } = parseParameters(
    prepare,
    {
      dryRun: context.getNodeParameter('dryRun', 0, true),
      kinds: context.getNodeParameter('kinds', 0, [...EVENT_KINDS]),
      prefix: context.getNodeParameter('prefix', 0, 'new'),
      solution: context.getNodeParameter('solution', 0, ''),
    },
    'Dynamics 365 node',
  );
  return { ...rest, solution: solution === '' ? undefined : solution };
}
