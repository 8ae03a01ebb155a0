import { z } from 'zod';
import { FAMILY_OF, type Comparison, type Family } from '../../lib/sync/filter/comparisons';
import type { FilterCondition, FilterGroup, FilterSettings, Operand } from '../../lib/sync/filter/filter-settings';
import { COLUMN_TYPES, parseTypedName, type ColumnType, type TableDescription } from '../../lib/core/metadata';
import { readBatchParameter, type ParameterContext } from '../shared/batch-parameters';
import { parseParameters } from '../shared/parse-parameters';

const NODE = 'Record Filter node';

const match = z.enum(['all', 'any']).default('all');
const condition = z.object({ column: z.string().default('') }).catchall(z.unknown());
const conditions = z.array(condition).default([]);

const parameters = z.object({
  match,
  conditions,
  groups: z.array(z.object({ match, conditions: z.object({ condition: conditions }).default({}) })).default([]),
  filteredOut: z.enum(['keep', 'delete']),
  options: z.object({ caseSensitive: z.boolean().default(false), timeZone: z.string().default('UTC') }).default({}),
});

/**
 * The table's logical name.
 *
 * @throws ConfigurationError SETTINGS_INVALID
 */
export function readTable(context: ParameterContext): string {
  const schema = z.string({ message: 'choose a table' }).trim().min(1, 'choose a table');
  return parseParameters(schema, context.getNodeParameter('table', 0, '', { extractValue: true }), NODE);
}

/**
 * The conditions, read once for all records.
 *
 * @param table gives the type of a column that is named without one
 * @throws ConfigurationError SETTINGS_INVALID, EXPRESSION_PER_ITEM
 */
export function readSettings(context: ParameterContext, table: TableDescription): FilterSettings {
  const read = parseParameters(
    parameters,
    {
      match: context.getNodeParameter('match', 0, 'all'),
      conditions: readBatchParameter(context, 'conditions.condition', []),
      groups: readBatchParameter(context, 'groups.group', []),
      filteredOut: context.getNodeParameter('filteredOut', 0, 'keep'),
      options: readBatchParameter(context, 'options', {}),
    },
    NODE,
  );
  const groups = read.groups.map((group, index): FilterGroup => ({
    kind: 'group',
    match: group.match,
    parts: group.conditions.condition.map((raw, at) =>
      toCondition(raw, `Group ${index + 1}, condition ${at + 1}`, table),
    ),
  }));
  const single = read.conditions.map((raw, index) => toCondition(raw, `Condition ${index + 1}`, table));
  return {
    root: { kind: 'group', match: read.match, parts: [...single, ...groups] },
    caseSensitive: read.options.caseSensitive,
    timeZone: read.options.timeZone,
    filteredOut: read.filteredOut,
  };
}

/** Comparison and operand stand in the parameters of the family of the column's type; `textValue`, `numberList`... */
function toCondition(raw: z.infer<typeof condition>, where: string, table: TableDescription): FilterCondition {
  const { name, type } = parseTypedName(raw.column);
  const family = FAMILY_OF[isColumnType(type) ? type : liveType(name, table)];
  const shown: Family = raw[`${family}Comparison`] === undefined ? 'text' : family;
  const comparison = String(raw[`${shown}Comparison`] ?? '');
  const operand = operandOf(raw, shown, comparison);
  return {
    kind: 'condition',
    where,
    column: raw.column,
    // What the type does not have is refused when the condition is compiled.
    comparison: comparison as Comparison,
    ...(operand === undefined ? {} : { operand }),
  };
}

const LISTS: ReadonlySet<string> = new Set(['isAnyOf', 'isNoneOf', 'containsAny', 'containsAll', 'containsNone']);

function operandOf(raw: Readonly<Record<string, unknown>>, family: Family, comparison: string): Operand | undefined {
  const kind = comparison.endsWith('Days') ? 'Days' : LISTS.has(comparison) ? 'List' : 'Value';
  const value = raw[`${family}${kind}`];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.filter((part) => typeof part === 'string' || typeof part === 'number');
  // n8n gives its DateTime for an expression that makes one.
  return typeof value === 'object' && value !== null && 'toISO' in value && typeof value.toISO === 'function'
    ? String(value.toISO())
    : undefined;
}

function isColumnType(type: string | undefined): type is ColumnType {
  return COLUMN_TYPES.some((known) => known === type);
}

function liveType(name: string, table: TableDescription): ColumnType {
  return table.columns.find((column) => column.name === name)?.type ?? 'other';
}
