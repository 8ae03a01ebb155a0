import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { conversions } from '../../lib/sync/conversion/conversions';
import { compileFilter } from '../../lib/sync/filter/compile-filter';
import type { FilterCondition } from '../../lib/sync/filter/filter-settings';
import { compileMapping } from '../../lib/sync/mapping/compile-mapping';
import type { MappingRow } from '../../lib/sync/mapping/mapping-settings';
import { compileRecordReplacements } from '../../lib/sync/replacement/compile-record-replacements';
import { compileTargetReplacements } from '../../lib/sync/replacement/compile-target-replacements';
import { filterItems } from '../../nodes/RecordFilter/filter-items';
import { mapItems } from '../../nodes/FieldMapper/map-items';
import { replaceItems } from '../../nodes/ReplaceValues/replace-items';
import { ALLOW_OPTIONS, column, field, GENDER_OPTIONS, GENDER_VALUES, resourceOf, tableOf } from '../support/builders';

/** Columns of the records, one of each type. */
export const TABLE = tableOf(
  column('nickname', 'string', { maxLength: 50 }),
  column('description', 'memo'),
  column('numberofchildren', 'integer'),
  column('bignumber', 'bigint'),
  column('creditlimit', 'money'),
  column('donotemail', 'boolean', { options: ALLOW_OPTIONS }),
  column('gendercode', 'choice', { options: GENDER_OPTIONS }),
  column('interests', 'choices', { options: GENDER_OPTIONS }),
  column('statecode', 'state', { options: [{ value: 0, label: 'Active' }] }),
  column('modifiedon', 'datetime'),
  column('birthdate', 'date'),
  column('_parentcustomerid_value', 'lookup'),
  column('constructor', 'string'),
);

export const RESOURCE = resourceOf(
  field('firstName', 'string', { maxLength: 30 }),
  field('notes', 'string'),
  field('age', 'integer', { resType: 'byte' }),
  field('big', 'string', { maxLength: 20 }),
  field('limit', 'double'),
  field('blackListEmail', 'boolean'),
  field('gender', 'enumeration', { values: GENDER_VALUES }),
  field('interests', 'string'),
  field('state', 'string'),
  field('changed', 'datetime'),
  field('birthDate', 'date'),
  field('parent', 'string'),
  field('location.city', 'string', { maxLength: 10 }),
  field('entered', 'string'),
);

const condition = (name: string, comparison: FilterCondition['comparison'], operand?: unknown): FilterCondition => ({
  kind: 'condition',
  where: 'Condition 1',
  column: name,
  comparison,
  ...(operand === undefined ? {} : { operand: operand as string }),
});

const filterOf = (match: 'all' | 'any', filteredOut: 'keep' | 'delete', ...parts: FilterCondition[]) =>
  compileFilter(
    { root: { kind: 'group', match, parts }, caseSensitive: false, timeZone: 'Europe/Berlin', filteredOut },
    TABLE,
    0,
  );

const FILTERS = [
  filterOf('any', 'delete', condition('nickname', 'contains', 'a'), condition('creditlimit', 'greaterThan', 3)),
  filterOf(
    'all',
    'keep',
    condition('modifiedon', 'after', '2020-01-01'),
    condition('gendercode', 'isAnyOf', [1, 2, 3]),
    condition('interests', 'containsAny', [1]),
    condition('birthdate', 'isNotEmpty'),
    condition('donotemail', 'equals', 'false'),
    condition('_parentcustomerid_value', 'isNotEmpty'),
    condition('constructor', 'isNotEmpty'),
  ),
];

const value = (text: string) => ({ empty: false, value: text }) as const;
const RECORD_REPLACEMENTS = compileRecordReplacements(
  {
    rows: [
      { line: 1, name: 'nickname', oldValue: value('Ada'), newValue: value('Eve') },
      { line: 2, name: 'gendercode', oldValue: value('1'), newValue: value('2') },
      { line: 3, name: 'constructor', oldValue: { empty: true }, newValue: value('x') },
      { line: 4, name: 'birthdate', oldValue: value('2026-01-01'), newValue: { empty: true } },
    ],
    caseSensitive: false,
  },
  TABLE,
);
const TARGET_REPLACEMENTS = compileTargetReplacements(
  {
    rows: [
      { line: 1, name: 'gender', oldValue: value('2'), newValue: value('female') },
      { line: 2, name: 'firstName', oldValue: value('Eve'), newValue: value('Ada') },
    ],
    caseSensitive: false,
  },
  RESOURCE,
  conversions,
);

const LINES: readonly (readonly [string, string])[] = [
  ['nickname', 'firstName'],
  ['description', 'notes'],
  ['numberofchildren', 'age'],
  ['bignumber', 'big'],
  ['creditlimit', 'limit'],
  ['donotemail', 'blackListEmail'],
  ['gendercode', 'gender'],
  ['interests', 'interests'],
  ['statecode', 'state'],
  ['modifiedon', 'changed'],
  ['birthdate', 'birthDate'],
  ['_parentcustomerid_value', 'parent'],
  ['constructor', 'location.city'],
];

const mappingOf = (unknownEntries: 'reject' | 'passOn', choices: 'value' | 'label', tooLong: 'reject' | 'cut') =>
  compileMapping(
    {
      keyField: 'externalId',
      rows: [
        ...LINES.map(([from, to], index): MappingRow => ({
          line: index + 1,
          source: { kind: 'column', column: from },
          field: to,
          applyUpdates: index % 3 !== 0,
          creationOnly: index % 5 === 4,
          choices: 'default',
          whenEmpty: index % 2 === 0 ? 'clear' : 'keep',
        })),
        {
          line: 14,
          source: { kind: 'expression' },
          field: 'entered',
          applyUpdates: true,
          choices: 'default',
          whenEmpty: 'clear',
        },
      ],
      applyUpdates: 'perRow',
      choices,
      timeZone: 'America/New_York',
      tooLong,
      unknownEntries,
      applyDeletes: true,
      keepRecord: false,
      product: 'standard',
    },
    TABLE,
    RESOURCE,
    conversions,
  );

const MAPPINGS = [
  mappingOf('passOn', 'value', 'reject'),
  mappingOf('passOn', 'label', 'cut'),
  mappingOf('reject', 'value', 'cut'),
];

export interface FlowResult {
  /** Items of every node of the flow, in its order; each node has as many as came in. */
  readonly stages: readonly (readonly INodeExecutionData[])[];
}

/**
 * Record Filter, Replace Values, Field Mapper and Replace Values, one behind the other.
 *
 * @param variant which of the compiled settings
 * @param entered what the expression of a mapping line gives for an item
 */
export function runFlow(items: readonly object[], variant: number, entered: (index: number) => unknown): FlowResult {
  const context = {
    addExecutionHints: () => undefined,
    evaluateExpression: (_text: string, item: number) => entered(item),
  };
  const input = items.map((json): INodeExecutionData => ({ json: json as IDataObject }));
  const filtered = filterItems(context as never, input, FILTERS[variant % FILTERS.length] as never).flat();
  const replaced = replaceItems(context as never, filtered, RECORD_REPLACEMENTS, true);
  const mapped = mapItems(
    context as never,
    replaced,
    MAPPINGS[variant % MAPPINGS.length] as never,
    new Map([[14, '=x']]),
  );
  const ready = replaceItems(context as never, mapped, TARGET_REPLACEMENTS, false);
  return { stages: [filtered, replaced, mapped, ready] };
}
