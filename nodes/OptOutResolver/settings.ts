import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import type { Lookup } from '../../lib/campaign/records';
import { parseParameters, settingsInvalid } from '../shared/parse-parameters';
import type { LineSetting } from '../../lib/sync/opt-out/compile-lines';
import { BLACK_LIST_TIME_FIELDS, type BlackListTimeField } from '../../lib/core/opt-out-fields';
import { DIRECTIONS, type Direction } from '../../lib/sync/opt-out/rules';

/** The node's parameters, typed. This is the only place that reads them. */
export interface OptOutSettings {
  readonly direction: Direction;
  readonly lines: readonly LineSetting[];
  readonly blackListTimeField: BlackListTimeField;
  readonly keyColumn: string;
  readonly keyField: string;
  readonly lookup: Lookup;
  readonly withoutProfile: 'reject' | 'nothing';
  readonly futureToleranceMs: number;
  readonly attributeTimes: boolean;
}

const name = (what: string) => z.string().trim().min(1, what);

const parameters = z.object({
  direction: z.enum(DIRECTIONS),
  lines: z
    .array(
      z.object({
        column: z.string().default(''),
        field: z.string().default(''),
        inverted: z.boolean().default(false),
      }),
    )
    .default([]),
  lookup: z.enum(['key', 'filter']),
  filterName: z.string().trim(),
  filterParameter: z.string().trim(),
  options: z
    .object({
      blackListTimeField: z.enum(BLACK_LIST_TIME_FIELDS).default('blackListLastModified'),
      keyColumn: name('name the column of the export').default('externalId'),
      keyField: name('name the field of the profile').default('externalId'),
      withoutProfile: z.enum(['reject', 'nothing']).default('reject'),
      attributeTimes: z.boolean().default(false),
      futureTolerance: z.coerce.number().min(0).max(1440).default(5),
    })
    .default({}),
});

const NODE = 'Opt-Out Resolver';

type SettingsContext = Pick<IExecuteFunctions, 'getNodeParameter'>;

/**
 * Reads and checks the parameters, once for all items: the rules of consent are the same for everybody.
 *
 * @throws ConfigurationError SETTINGS_INVALID that names each parameter and what is wrong with it
 */
export function readSettings(context: SettingsContext): OptOutSettings {
  const read = {
    direction: context.getNodeParameter('direction', 0, 'disabled'),
    lines: context.getNodeParameter('mapping.lines', 0, []),
    lookup: context.getNodeParameter('lookup', 0, 'key'),
    filterName: context.getNodeParameter('filterName', 0, 'byExternalId'),
    filterParameter: context.getNodeParameter('filterParameter', 0, 'externalId_parameter'),
    options: context.getNodeParameter('options', 0, {}),
  };
  const { direction, lines, lookup, filterName, filterParameter, options } = parseParameters(parameters, read, NODE);
  if (lookup === 'filter' && (filterName === '' || filterParameter === '')) {
    throw settingsInvalid(NODE, ['Filter Name and Filter Parameter must not be empty']);
  }
  const { futureTolerance, ...rest } = options;
  return {
    ...rest,
    direction,
    lines,
    lookup: lookup === 'key' ? { by: 'key' } : { by: 'filter', filter: filterName, parameter: filterParameter },
    futureToleranceMs: futureTolerance * 60_000,
  };
}
