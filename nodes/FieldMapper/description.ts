import type { INodeProperties } from 'n8n-workflow';
import { CHOOSE_ID, keyFieldDropDown, resource, tableOfFlow, timeZone } from '../shared/flow-properties';
import { rowProperties } from './row-properties';

/** The panel. */
export const properties: INodeProperties[] = [
  tableOfFlow,
  {
    displayName: 'Dynamics 365 Key Name or ID',
    name: 'dynamicsKey',
    type: 'options',
    noDataExpression: true,
    typeOptions: { loadOptionsMethod: 'getPrimaryKey', loadOptionsDependsOn: ['table.value'] },
    default: 'detected',
    description: `The primary key of the table. It is detected and goes into the Campaign key field by itself. ${CHOOSE_ID}`,
  },
  resource,
  keyFieldDropDown(
    'The field that holds the ID of the Dynamics 365 row. Its values must be unique in Campaign: records are matched by it alone. Do not change it once records have been transferred.',
  ),
  {
    displayName: 'Mapping',
    name: 'mapping',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add Line',
    default: {},
    description: 'Which value goes into which Campaign field. Lines count from 1.',
    options: [{ displayName: 'Line', name: 'row', values: rowProperties }],
  },
  {
    displayName: 'Apply Updates',
    name: 'applyUpdates',
    type: 'options',
    noDataExpression: true,
    options: [
      { name: 'As Set per Line', value: 'perRow' },
      {
        name: 'Off for All',
        value: 'none',
        description: 'Values travel on the initial load, replay and creation only',
      },
      { name: 'On for All', value: 'all' },
    ],
    default: 'perRow',
    description: 'Whether later changes of the mapped values travel',
  },
  {
    displayName: 'Apply Deletes',
    name: 'applyDeletes',
    type: 'boolean',
    default: true,
    description:
      'Whether rows that are deleted in Dynamics 365 are deleted in Campaign. Off: they are passed on as skipped. Deletions that a Record Filter made always go on.',
  },
  {
    displayName: 'Choices As',
    name: 'choices',
    type: 'options',
    noDataExpression: true,
    options: [
      {
        name: 'Display Label',
        value: 'label',
        description: "For example Female, in the language of the credential's user",
      },
      { name: 'Technical Value', value: 'value', description: 'For example 2' },
    ],
    default: 'value',
    description: 'What of a choice, boolean or lookup travels, where its line does not say otherwise',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    options: [
      {
        displayName: 'Keep the Record in the Item',
        name: 'keepRecord',
        type: 'boolean',
        default: false,
        description: 'Whether the items that leave still have the columns as Dynamics 365 gave them',
      },
      {
        displayName: 'Texts Too Long',
        name: 'tooLong',
        type: 'options',
        noDataExpression: true,
        options: [
          { name: 'Cut', value: 'cut', description: 'To the length of the Campaign field' },
          { name: 'Reject the Record', value: 'reject' },
        ],
        default: 'reject',
        description: 'What happens with a text that is longer than the Campaign field',
      },
      timeZone,
      {
        displayName: 'Unknown Enumeration Values',
        name: 'unknownEntries',
        type: 'options',
        noDataExpression: true,
        options: [
          {
            name: 'Pass On',
            value: 'passOn',
            description: 'To a Replace Values node after this one, which rejects what it does not replace',
          },
          { name: 'Reject the Record', value: 'reject' },
        ],
        default: 'reject',
        description: "What happens with a value that is no entry of the field's enumeration in Campaign",
      },
    ],
  },
];
