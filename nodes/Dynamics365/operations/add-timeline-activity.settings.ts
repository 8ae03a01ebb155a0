import { z } from 'zod';
import type { TimelineOverride } from '../../../lib/dataverse/timeline/timeline-tables';
import { ConfigurationError } from '../../../lib/core/errors';
import { readGuid } from '../../../lib/core/guid';
import { EVENT_KINDS, type EventKind } from '../../../lib/sync/marketing-events/marketing-event';
import { readBatchParameter, type ParameterContext } from '../../shared/batch-parameters';
import { parseParameters } from '../../shared/parse-parameters';
import { sendParameters, sendSettings, type SendSettings } from './send.settings';

/** Add Timeline Activity's parameters; all hold for the whole batch. */
export interface TimelineSettings extends SendSettings {
  /** 0: no CreateMultiple. */
  readonly rowsAtOnce: number;
  readonly overrides: Readonly<Partial<Record<EventKind, TimelineOverride>>>;
  readonly owner: { readonly table: 'systemuser' | 'team'; readonly id: string } | undefined;
  readonly instance: string;
}

const NODE = 'Dynamics 365 node';

const name = z.coerce.string().trim().default('');
const overrides = z.array(
  z.object({
    kind: z.enum(EVENT_KINDS),
    table: name,
    campaignName: name,
    deliveryName: name,
    date: name,
    trackingUrl: name,
    mirrorPageUrl: name,
  }),
);

const timeline = z.object({
  overrides,
  options: sendParameters.extend({
    method: z.enum(['auto', 'single', 'batch']).default('auto'),
    rowsAtOnce: z.coerce.number().int().min(1).max(1000).default(100),
    ownerType: z.enum(['systemuser', 'team']).default('systemuser'),
    owner: name,
    instance: name,
  }),
});

/**
 * @throws ConfigurationError SETTINGS_INVALID, EXPRESSION_PER_ITEM, DUPLICATE_OVERRIDE
 */
export function readTimelineSettings(context: ParameterContext): TimelineSettings {
  const read = parseParameters(
    timeline,
    {
      overrides: readBatchParameter(context, 'overrides.table', []),
      options: readBatchParameter(context, 'options', {}),
    },
    NODE,
  );
  const { method, rowsAtOnce, ownerType, owner, instance, ...rest } = read.options;
  return {
    ...sendSettings({ ...rest, method: method === 'batch' ? 'batch' : 'single' }),
    rowsAtOnce: method === 'auto' ? rowsAtOnce : 0,
    overrides: readOverrides(read.overrides),
    owner: owner === '' ? undefined : { table: ownerType, id: ownerId(owner) },
    instance,
  };
}

function readOverrides(entries: z.infer<typeof overrides>): TimelineSettings['overrides'] {
  const byKind: Partial<Record<EventKind, TimelineOverride>> = {};
  for (const { kind, table, ...columns } of entries) {
    if (byKind[kind]) {
      throw new ConfigurationError('DUPLICATE_OVERRIDE', `The names for events of the kind "${kind}" are set twice.`, {
        hint: 'Take one of the two out.',
      });
    }
    const set = Object.entries(columns).filter(([, value]) => value !== '');
    byKind[kind] = { ...(table === '' ? {} : { table }), columns: Object.fromEntries(set) };
  }
  return byKind;
}

function ownerId(text: string): string {
  const id = readGuid(text);
  if (id !== undefined) return id;
  throw new ConfigurationError('OWNER_UNKNOWN', 'The owner of the activities is not the ID of a user or team.', {
    hint: 'An ID is a GUID. Leave the owner empty to take the application user.',
  });
}
