import type { INodeProperties } from 'n8n-workflow';
import { tableOfFlow, timeZone } from '../shared/flow-properties';
import { conditionProperties } from './condition-properties';

const match = (displayName: string, description: string): INodeProperties => ({
  displayName,
  name: 'match',
  type: 'options',
  noDataExpression: true,
  options: [
    { name: 'All Are Met (And)', value: 'all' },
    { name: 'Any Is Met (Or)', value: 'any' },
  ],
  default: 'all',
  description,
});

const conditions: INodeProperties = {
  displayName: 'Conditions',
  name: 'conditions',
  type: 'fixedCollection',
  typeOptions: { multipleValues: true, sortable: true },
  placeholder: 'Add Condition',
  default: {},
  options: [{ displayName: 'Condition', name: 'condition', values: conditionProperties }],
};

/** The panel. */
export const properties: INodeProperties[] = [
  tableOfFlow,
  match('Keep a Record If', 'How the conditions and groups below go together'),
  { ...conditions, description: 'What a record must meet. Without any condition every record is kept.' },
  {
    displayName: 'Groups of Conditions',
    name: 'groups',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add Group',
    default: {},
    description: 'Each group counts like one condition of those above',
    options: [
      {
        displayName: 'Group',
        name: 'group',
        values: [match('The Group Is Met If', 'How the conditions of this group go together'), conditions],
      },
    ],
  },
  {
    displayName: 'Records Filtered Out',
    name: 'filteredOut',
    type: 'options',
    noDataExpression: true,
    options: [
      {
        name: 'Keep in Campaign',
        value: 'keep',
        description: 'They leave through the second output as skipped; what Campaign has of them stays as it is',
      },
      {
        name: 'Delete From Campaign',
        value: 'delete',
        description: 'They leave through the second output as deletions: connect it to the Field Mapper too',
      },
    ],
    default: 'keep',
    description: 'What becomes of a record that is not kept, for example one that has left the audience',
  },
  {
    displayName:
      'Deletions in Dynamics 365 are never filtered: they leave through the first output. An empty column meets "Is Empty" and the negative comparisons only.',
    name: 'notice',
    type: 'notice',
    default: '',
  },
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
        description: 'Whether upper and lower case are told apart in texts. Accents always are.',
      },
      timeZone,
    ],
  },
];
