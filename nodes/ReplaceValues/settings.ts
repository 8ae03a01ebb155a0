import { z } from 'zod';
import { ConfigurationError } from '../../lib/core/errors';
import type {
  ReplacementRow,
  ReplacementSettings,
  ReplacementValue,
} from '../../lib/sync/replacement/replacement-settings';
import { readBatchParameter, type ParameterContext } from '../shared/batch-parameters';
import { parseParameters } from '../shared/parse-parameters';

const NODE = 'Replace Values node';

/** The node's parameters, typed. This is the only place that reads them. */
export type ReplaceValuesSettings = ReplacementSettings &
  (
    | { readonly when: 'before'; /** Logical name. */ readonly table: string }
    | { readonly when: 'after'; /** As the locator gives it. */ readonly resource: string }
  );

const required = (what: string) => z.string({ message: what }).trim().min(1, what);
const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]).optional();
const kind = z.enum(['value', 'empty']).default('value');

const rows = z.array(
  z.object({
    column: z.string().default(''),
    field: z.string().default(''),
    oldKind: kind,
    oldChoice: value,
    oldValue: value,
    newKind: kind,
    newEntry: value,
    newValue: value,
  }),
);
const options = z.object({ caseSensitive: z.boolean().default(false) }).default({});

/**
 * Reads and checks the parameters, once for all items.
 *
 * @throws ConfigurationError SETTINGS_INVALID, EXPRESSION_PER_ITEM, VALUE_MISSING
 */
export function readSettings(context: ParameterContext): ReplaceValuesSettings {
  const when = parseParameters(z.enum(['before', 'after']), context.getNodeParameter('when', 0, 'before'), NODE);
  const { caseSensitive } = parseParameters(options, readBatchParameter(context, 'options', {}), NODE);
  const locator = (name: string, what: string) =>
    parseParameters(required(what), context.getNodeParameter(name, 0, '', { extractValue: true }), NODE);
  if (when === 'before') {
    return {
      when,
      table: locator('table', 'choose a table'),
      caseSensitive,
      rows: readRows(context, 'columnReplacements.row'),
    };
  }
  return {
    when,
    resource: locator('resource', 'choose a Campaign resource'),
    caseSensitive,
    rows: readRows(context, 'fieldReplacements.row'),
  };
}

function readRows(context: ParameterContext, name: string): ReplacementRow[] {
  return parseParameters(rows, readBatchParameter(context, name, []), NODE).map((row, index) => {
    const line = index + 1;
    return {
      line,
      name: row.column || row.field,
      // Only one of the two is shown, by the type of the column or field.
      oldValue: toValue(row.oldKind, row.oldChoice || row.oldValue, `Line ${line}: the old value`),
      newValue: toValue(row.newKind, row.newEntry || row.newValue, `Line ${line}: the new value`),
    };
  });
}

/** A value that was forgotten must not mean "empty": half a line would then change every record that has nothing there. */
function toValue(kindOfValue: 'value' | 'empty', text: string | undefined, what: string): ReplacementValue {
  if (kindOfValue === 'empty') return { empty: true };
  if (text !== undefined && text.trim() !== '') return { empty: false, value: text };
  throw new ConfigurationError('VALUE_MISSING', `${what} is missing.`, {
    hint: 'Give a value, or choose Empty where nothing at all is meant.',
  });
}
