import { z } from 'zod';
import type { MappingRow, MappingSettings } from '../../lib/sync/mapping/mapping-settings';
import { readBatchParameter, type ParameterContext } from '../shared/batch-parameters';
import { parseParameters } from '../shared/parse-parameters';

const NODE = 'Field Mapper node';

/** The node's parameters, typed. This is the only place that reads them. */
export interface FieldMapperSettings extends Omit<MappingSettings, 'product'> {
  /** Logical name. */
  readonly table: string;
  /** As the locator gives it. */
  readonly resource: string;
  /** Value of each expression line: a text, or the expression to work out per record (with its leading `=`). */
  readonly expressions: ReadonlyMap<number, string>;
}

const required = (what: string) => z.string({ message: what }).trim().min(1, what);

const parameters = z.object({
  table: required('choose a table'),
  resource: required('choose a Campaign resource'),
  keyField: required('choose the Campaign key field'),
  rows: z.array(
    z.object({
      source: z.enum(['column', 'expression']).default('column'),
      column: z.string().default(''),
      expression: z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]).default(''),
      field: z.string().default(''),
      applyUpdates: z.boolean().default(true),
      creationOnly: z.boolean().default(false),
      choices: z.enum(['default', 'value', 'label']).default('default'),
      whenEmpty: z.enum(['clear', 'keep']).default('clear'),
    }),
  ),
  applyUpdates: z.enum(['perRow', 'all', 'none']),
  applyDeletes: z.boolean(),
  choices: z.enum(['value', 'label']),
  options: z
    .object({
      keepRecord: z.boolean().default(false),
      timeZone: z.string().default('UTC'),
      tooLong: z.enum(['reject', 'cut']).default('reject'),
      unknownEntries: z.enum(['reject', 'passOn']).default('reject'),
    })
    .default({}),
});

/**
 * Reads and checks the parameters, once for all items. The values of expression lines are left for each record.
 *
 * @throws ConfigurationError SETTINGS_INVALID, EXPRESSION_PER_ITEM
 */
export function readSettings(context: ParameterContext): FieldMapperSettings {
  const { rows, options, ...read } = parseParameters(
    parameters,
    {
      table: context.getNodeParameter('table', 0, '', { extractValue: true }),
      resource: context.getNodeParameter('resource', 0, '', { extractValue: true }),
      keyField: readBatchParameter(context, 'keyField', ''),
      rows: readBatchParameter(context, 'mapping.row', [], ['expression']),
      applyUpdates: context.getNodeParameter('applyUpdates', 0, 'perRow'),
      applyDeletes: readBatchParameter(context, 'applyDeletes', true),
      choices: context.getNodeParameter('choices', 0, 'value'),
      options: readBatchParameter(context, 'options', {}),
    },
    NODE,
  );
  return {
    ...read,
    ...options,
    rows: rows.map(({ source, column, expression: _value, ...row }, index): MappingRow => ({
      ...row,
      line: index + 1,
      source: source === 'column' ? { kind: 'column', column } : { kind: 'expression' },
    })),
    expressions: new Map(
      rows.flatMap(({ source, expression }, index) =>
        source === 'expression' ? [[index + 1, expression] as const] : [],
      ),
    ),
  };
}
