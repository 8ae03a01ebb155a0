import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import { columnDropDown } from '../../shared/flow-properties';
import { sendOptions } from './send.properties';

const pair = (keyDescription: string, valueDescription: string): INodePropertyCollection => ({
  displayName: 'Column',
  name: 'column',
  values: [
    { ...columnDropDown(keyDescription), required: true },
    { displayName: 'Value', name: 'value', type: 'string', default: '', description: valueDescription },
  ],
});

/** The panel of Update and Upsert. */
export const writeProperties: INodeProperties[] = [
  {
    displayName: 'Values',
    name: 'valuesFrom',
    type: 'options',
    options: [
      {
        name: 'From the Item',
        value: 'item',
        description: 'ID, columns and ETag as the Opt-Out Resolver gives them: { id, columns, ifMatch }',
      },
      { name: 'JSON', value: 'json', description: 'One object with column names and values' },
      { name: 'List of Columns', value: 'list', description: 'Choose columns and give their values here' },
    ],
    default: 'list',
    description: 'Where the values to write come from',
  },
  {
    displayName: 'Find Row By',
    name: 'findBy',
    type: 'options',
    options: [
      { name: 'ID', value: 'id', description: 'The primary key of the row, a GUID' },
      {
        name: 'Alternate Key',
        value: 'alternateKey',
        description: 'Columns that are a key of the table in Dynamics 365',
      },
    ],
    default: 'id',
    description: 'How the row is found. It is never found by anything that is no key.',
    displayOptions: { show: { valuesFrom: ['list', 'json'] } },
  },
  {
    displayName: 'Row ID',
    name: 'id',
    type: 'string',
    default: '={{ $json.id }}',
    required: true,
    description: 'The primary key of the row, a GUID',
    displayOptions: { show: { valuesFrom: ['list', 'json'], findBy: ['id'] } },
  },
  {
    displayName: 'Alternate Key',
    name: 'alternateKey',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    placeholder: 'Add key column',
    default: {},
    description: 'All columns of one alternate key of the table, with the values of the row',
    displayOptions: { show: { valuesFrom: ['list', 'json'], findBy: ['alternateKey'] } },
    options: [pair('A column of the key.', 'The value that the row has')],
  },
  {
    displayName: 'Columns to Write',
    name: 'columnValues',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add column',
    default: {},
    description: 'Columns and their new values',
    displayOptions: { show: { valuesFrom: ['list'] } },
    options: [
      pair(
        'The column to write.',
        'A choice by its number or label, a lookup as table(ID) or ID, several choices with commas, a date as 2026-11-21. Empty empties the column.',
      ),
    ],
  },
  {
    displayName: 'Columns (JSON)',
    name: 'columnsJson',
    type: 'json',
    default: '{\n  "donotemail": true\n}',
    description: 'Logical names of columns and their new values; null empties a column',
    displayOptions: { show: { valuesFrom: ['json'] } },
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      ...sendOptions,
      {
        displayName: 'Only If Unchanged (ETag)',
        name: 'ifMatch',
        type: 'string',
        default: '',
        placeholder: 'e.g. W/"1234567"',
        description:
          'Write only if the row still is in the state with this ETag. Otherwise the item leaves through Waiting with the code CHANGED_MEANWHILE. Items of the Opt-Out Resolver bring their own.',
        displayOptions: { show: { '/valuesFrom': ['list', 'json'] } },
      },
      {
        displayName: 'Only Changed Columns',
        name: 'onlyChanges',
        type: 'boolean',
        default: true,
        description:
          'Whether to read the row first and write only what differs. Columns that are written with the value they have start flows and fill the audit log all the same.',
      },
    ],
  },
];
