import type { INodeProperties } from 'n8n-workflow';
import { columnDropDown, fieldDropDown } from '../shared/flow-properties';

/** Columns that have a technical value and a display label. */
const LABELLED = ['choice', 'choices', 'state', 'status', 'boolean', 'lookup'].map((type) => ({
  _cnd: { endsWith: `|${type}` },
}));

/** One line of the mapping. */
export const rowProperties: INodeProperties[] = [
  {
    displayName: 'Source',
    name: 'source',
    type: 'options',
    noDataExpression: true,
    options: [
      { name: 'Column', value: 'column', description: 'A column of the Dynamics 365 table' },
      { name: 'Expression', value: 'expression', description: 'A fixed value, or one worked out from the record' },
    ],
    default: 'column',
    description: 'Where the value comes from. Columns are much faster than expressions.',
  },
  {
    ...columnDropDown('A Dynamics 365 column that the trigger reads.'),
    displayOptions: { show: { source: ['column'] } },
  },
  {
    displayName: 'Value',
    name: 'expression',
    type: 'string',
    default: '',
    placeholder: 'e.g. {{ $json.record.firstname }} {{ $json.record.lastname }}',
    displayOptions: { show: { source: ['expression'] } },
    description:
      'A fixed value, or an expression over the item: $json.record has the columns, $json.labels the display labels. An expression that gives undefined rejects the record; null empties the field.',
  },
  fieldDropDown('Each field at most once.'),
  {
    displayName: 'Apply Updates',
    name: 'applyUpdates',
    type: 'boolean',
    default: true,
    displayOptions: { show: { '/applyUpdates': ['perRow'] } },
    description:
      'Whether later changes of the value travel. Off: it travels on the initial load, on replay, and when the record is created in Campaign.',
  },
  {
    displayName: 'Only on Creation',
    name: 'creationOnly',
    type: 'boolean',
    default: false,
    description:
      'Whether the value travels only when the record is created in Campaign: never with an update, and not with an initial load or replay of a record that is there. For opt-outs: a new profile starts with them, and what a person has chosen in Campaign since is never overwritten.',
  },
  {
    displayName: 'Choices As',
    name: 'choices',
    type: 'options',
    noDataExpression: true,
    options: [
      { name: 'As Set for All Lines', value: 'default' },
      {
        name: 'Display Label',
        value: 'label',
        description: "For example Female, in the language of the credential's user",
      },
      { name: 'Technical Value', value: 'value', description: 'For example 2' },
    ],
    default: 'default',
    displayOptions: { show: { source: ['column'], column: LABELLED } },
    description: 'What of a choice, boolean or lookup travels',
  },
  {
    displayName: 'When Empty',
    name: 'whenEmpty',
    type: 'options',
    noDataExpression: true,
    options: [
      { name: 'Clear the Field', value: 'clear' },
      { name: "Leave Campaign's Value", value: 'keep' },
    ],
    default: 'clear',
    description:
      'What an empty column does. A number becomes 0 and a boolean false, as Campaign has no empty ones. Opt-out fields are never cleared.',
  },
];
