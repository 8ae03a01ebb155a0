import type { INodeProperties } from 'n8n-workflow';
import { CHOOSE_ID, columnDropDown, fieldDropDown, resource, tableOfFlow } from '../shared/flow-properties';

const before = { show: { when: ['before'] } };
const after = { show: { when: ['after'] } };

const types = (...names: string[]) => names.map((name) => ({ _cnd: { endsWith: `|${name}` } }));
const LISTED = types('choice', 'choices', 'state', 'status', 'boolean');
const ENUMERATION = types('enumeration');

/** Whether it is a value or nothing at all that is looked for, or put in. */
const kind = (displayName: string, name: string, description: string): INodeProperties => ({
  displayName,
  name,
  type: 'options',
  noDataExpression: true,
  options: [
    { name: 'Empty', value: 'empty' },
    { name: 'Value', value: 'value' },
  ],
  default: 'value',
  description,
});

const oldKind = kind('Old', 'oldKind', 'What is replaced: a value, or an empty column or field');
const newKind = kind('New', 'newKind', 'What takes its place: a value, or nothing');

const rowBefore: INodeProperties[] = [
  columnDropDown('A Dynamics 365 column that the trigger reads.'),
  oldKind,
  {
    displayName: 'Old Value Name or ID',
    name: 'oldChoice',
    type: 'options',
    typeOptions: { loadOptionsMethod: 'getChoiceOptions', loadOptionsDependsOn: ['table.value', '&column'] },
    default: '',
    displayOptions: { show: { oldKind: ['value'], column: LISTED } },
    description: `In a column with several choices, each of them is looked at for itself. ${CHOOSE_ID}`,
  },
  {
    displayName: 'Old Value',
    name: 'oldValue',
    type: 'string',
    default: '',
    displayOptions: { show: { oldKind: ['value'] }, hide: { column: LISTED } },
    description: 'The whole value, as the column has it. An expression is worked out once for all records.',
  },
  newKind,
  {
    displayName: 'New Value',
    name: 'newValue',
    type: 'string',
    default: '',
    placeholder: 'e.g. female',
    displayOptions: { show: { newKind: ['value'] } },
    description:
      'What the Field Mapper then finds in the column, as value and as label. It may be of another type: the internal name of a Campaign entry, for example. An expression is worked out once for all records.',
  },
];

const rowAfter: INodeProperties[] = [
  fieldDropDown('A field that the Field Mapper maps.'),
  oldKind,
  {
    displayName: 'Old Value',
    name: 'oldValue',
    type: 'string',
    default: '',
    displayOptions: { show: { oldKind: ['value'] } },
    description: 'The whole value, as the Field Mapper gives it. An expression is worked out once for all records.',
  },
  newKind,
  {
    displayName: 'New Value Name or ID',
    name: 'newEntry',
    type: 'options',
    typeOptions: { loadOptionsMethod: 'getEnumerationEntries', loadOptionsDependsOn: ['resource.value', '&field'] },
    default: '',
    displayOptions: { show: { newKind: ['value'], field: ENUMERATION } },
    description: `An entry of the enumeration. ${CHOOSE_ID}`,
  },
  {
    displayName: 'New Value',
    name: 'newValue',
    type: 'string',
    default: '',
    displayOptions: { show: { newKind: ['value'] }, hide: { field: ENUMERATION } },
    description: 'It must fit the type of the field. An expression is worked out once for all records.',
  },
];

const rows = (
  name: string,
  values: INodeProperties[],
  displayOptions: NonNullable<INodeProperties['displayOptions']>,
): INodeProperties => ({
  displayName: 'Replacements',
  name,
  type: 'fixedCollection',
  typeOptions: { multipleValues: true, sortable: true },
  placeholder: 'Add Replacement',
  default: {},
  displayOptions,
  description: 'Of several lines that match a value, the first one counts. A replaced value is not replaced again.',
  options: [{ displayName: 'Replacement', name: 'row', values }],
});

/** The panel. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Replace',
    name: 'when',
    type: 'options',
    noDataExpression: true,
    options: [
      {
        name: 'After the Mapping, in Campaign Fields',
        value: 'after',
        description: 'This node stands behind the Field Mapper',
      },
      {
        name: 'Before the Mapping, in Dynamics 365 Columns',
        value: 'before',
        description: 'This node stands before the Field Mapper',
      },
    ],
    default: 'before',
    description: 'Where the values are replaced',
  },
  { ...tableOfFlow, displayOptions: before },
  { ...resource, displayOptions: after },
  {
    displayName:
      'For an enumeration set "Unknown Enumeration Values" of the Field Mapper to "Pass On": what is no entry after this node is rejected here.',
    name: 'passOnNotice',
    type: 'notice',
    default: '',
    displayOptions: after,
  },
  rows('columnReplacements', rowBefore, before),
  rows('fieldReplacements', rowAfter, after),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    options: [
      {
        displayName: 'Case Sensitive',
        name: 'caseSensitive',
        type: 'boolean',
        default: false,
        description: 'Whether upper and lower case are told apart in old values that are texts',
      },
    ],
  },
];
