import type { INodeProperties } from 'n8n-workflow';
import { COLUMN_TYPES } from '../../lib/core/metadata';
import { COMPARISONS, FAMILIES, FAMILY_OF, type Family, type OperandKind } from '../../lib/sync/filter/comparisons';
import { CHOOSE_ID, CHOOSE_IDS, columnDropDown } from '../shared/flow-properties';

type Show = NonNullable<NonNullable<INodeProperties['displayOptions']>['show']>[string];

/** Shown for columns of a family, which stand as `name|type`. A name alone gets the comparisons of text. */
export function columnsOf(family: Family): Show {
  const types = COLUMN_TYPES.filter((type) => FAMILY_OF[type] === family);
  const shown: Show = types.map((type) => ({ _cnd: { endsWith: `|${type}` } }));
  return family === 'text' ? [...shown, { _cnd: { regex: '^[^|]+$' } }] : shown;
}

const EXPRESSION_NOTE = 'An expression is worked out once for all records.';
/** The comparison's drop-down of a family: exactly what the table of comparisons has. */
function comparison(family: Family): INodeProperties {
  const rows = Object.entries(COMPARISONS[family]);
  return {
    displayName: 'Comparison',
    name: `${family}Comparison`,
    type: 'options',
    noDataExpression: true,
    options: rows.map(([value, { label }]) => ({ name: label, value })),
    default: rows[0]?.[0] ?? '',
    displayOptions: { show: { column: columnsOf(family) } },
  };
}

/** Shown where the family's comparison takes such an operand. */
function forOperand(family: Family, kind: OperandKind): NonNullable<INodeProperties['displayOptions']> {
  const comparisons = Object.entries(COMPARISONS[family]).filter(([, { operand }]) => operand === kind);
  return { show: { column: columnsOf(family), [`${family}Comparison`]: comparisons.map(([name]) => name) } };
}

const choiceList = (family: Family): INodeProperties => ({
  displayName: 'Value Names or IDs',
  name: `${family}List`,
  type: 'multiOptions',
  typeOptions: { loadOptionsMethod: 'getChoiceOptions', loadOptionsDependsOn: ['table.value', '&column'] },
  default: [],
  displayOptions: forOperand(family, 'list'),
  description: CHOOSE_IDS,
});

const choiceValue = (family: Family): INodeProperties => ({
  displayName: 'Value Name or ID',
  name: `${family}Value`,
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getChoiceOptions', loadOptionsDependsOn: ['table.value', '&column'] },
  default: '',
  displayOptions: forOperand(family, 'one'),
  description: CHOOSE_ID,
});

const OPERANDS: Readonly<Record<Family, readonly INodeProperties[]>> = {
  text: [
    {
      displayName: 'Value',
      name: 'textValue',
      type: 'string',
      default: '',
      displayOptions: forOperand('text', 'one'),
      description: `The text to compare with. ${EXPRESSION_NOTE}`,
    },
    {
      displayName: 'Values',
      name: 'textList',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      displayOptions: forOperand('text', 'list'),
      description: `One text per line. ${EXPRESSION_NOTE}`,
    },
  ],
  number: [
    {
      displayName: 'Value',
      name: 'numberValue',
      type: 'number',
      typeOptions: { numberPrecision: 10 },
      default: 0,
      displayOptions: forOperand('number', 'one'),
      description: `The number to compare with. ${EXPRESSION_NOTE}`,
    },
    {
      displayName: 'Values',
      name: 'numberList',
      type: 'string',
      default: '',
      placeholder: 'e.g. 10, 20, 30',
      displayOptions: forOperand('number', 'list'),
      description: `Numbers with a decimal point, separated by commas. ${EXPRESSION_NOTE}`,
    },
  ],
  date: [
    {
      displayName: 'Value',
      name: 'dateValue',
      type: 'dateTime',
      default: '',
      displayOptions: forOperand('date', 'one'),
      description: `The moment to compare with, in the time zone of the options. For a column without time, and for "on the day", only its day counts. ${EXPRESSION_NOTE}`,
    },
    {
      displayName: 'Days',
      name: 'dateDays',
      type: 'number',
      typeOptions: { minValue: 0, numberPrecision: 0 },
      default: 30,
      displayOptions: forOperand('date', 'days'),
      description:
        'Counted from the moment at which the record is filtered. A record is filtered when it changes in Dynamics 365, not when days go by.',
    },
  ],
  choice: [choiceValue('choice'), choiceList('choice')],
  choices: [choiceList('choices')],
  boolean: [choiceValue('boolean')],
  lookup: [
    {
      displayName: 'Value',
      name: 'lookupValue',
      type: 'string',
      default: '',
      placeholder: 'e.g. 8a4c0e6e-6b0f-4d1c-9f3e-000000000001',
      displayOptions: forOperand('lookup', 'one'),
      description: `The ID (GUID) of the row. ${EXPRESSION_NOTE}`,
    },
    {
      displayName: 'Values',
      name: 'lookupList',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      displayOptions: forOperand('lookup', 'list'),
      description: `One ID (GUID) per line. ${EXPRESSION_NOTE}`,
    },
  ],
};

/** The parts of one condition: column, comparison, and what to compare with, as the column's type has them. */
export const conditionProperties: INodeProperties[] = [
  { ...columnDropDown('Any column that the trigger reads, mapped or not.'), required: true },
  ...FAMILIES.map(comparison),
  ...FAMILIES.flatMap((family) => OPERANDS[family]),
];
