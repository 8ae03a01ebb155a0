import type { INodeProperties } from 'n8n-workflow';
import { batchSizeProperty, longestRetryPauseProperty } from '../shared/trigger-parameters';

/** The trigger's panel. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Table',
    name: 'table',
    type: 'resourceLocator',
    default: { mode: 'list', value: 'contact', cachedResultName: 'Contact (contact)' },
    required: true,
    description:
      'The Dynamics 365 table to watch. Change tracking must be on for it. The other nodes of the flow take the table from here.',
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        typeOptions: { searchListMethod: 'searchTables', searchable: true },
      },
      { displayName: 'By Logical Name', name: 'id', type: 'string', placeholder: 'contact' },
    ],
  },
  {
    displayName: 'Columns to Read',
    name: 'columnsMode',
    type: 'options',
    options: [
      { name: 'Selected Columns', value: 'selected', description: 'Faster: only what the flow uses travels' },
      { name: 'All Columns', value: 'all', description: 'Every column that the application user may read' },
    ],
    default: 'selected',
  },
  {
    displayName: 'Column Names or IDs',
    name: 'columns',
    type: 'multiOptions',
    typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: ['table.value'] },
    displayOptions: { show: { columnsMode: ['selected'] } },
    default: [],
    description:
      'Choose every column that is filtered or mapped later; key and time of change come by themselves. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>. A column added later fills in Campaign as rows change; use Replay to transfer it for all rows at once.',
  },
  {
    displayName: 'Start With',
    name: 'start',
    type: 'options',
    options: [
      {
        name: 'All Rows, Then Changes',
        value: 'full',
        description: 'The first run transfers every row of the table, inactive ones too',
      },
      { name: 'Changes From Now On', value: 'now', description: 'Rows are transferred once they change' },
    ],
    default: 'full',
    description: 'What the first run does. Later runs go on where the last one stopped, whatever is set here.',
  },
  batchSizeProperty,
  {
    displayName: 'Replay',
    name: 'replay',
    type: 'string',
    default: '',
    placeholder: 'e.g. 2026-11-21',
    description:
      'Change this to any other text (a date, for instance) and publish: everything is transferred once more. Rows that are the same in Campaign are not written again.',
  },
  {
    displayName:
      'Renaming this node keeps its place; deleting it, or making a copy of the workflow, begins anew. "Engine v2" of the workflow settings must be off: it does not report how a run ended.',
    name: 'checkpointNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Display Labels',
        name: 'labels',
        type: 'boolean',
        default: true,
        description: 'Whether to read the labels of choices and the names behind lookups along with their values',
      },
      longestRetryPauseProperty,
      {
        displayName: 'Longest Pause Between Polls',
        name: 'longestPollPause',
        type: 'number',
        typeOptions: { minValue: 1 },
        default: 30,
        description:
          'In seconds. After a change the trigger looks again within a second; while nothing changes, the pauses grow to this.',
      },
      {
        displayName: 'Replay: Limit of Rows',
        name: 'replayRowLimit',
        type: 'number',
        typeOptions: { minValue: 0 },
        default: 2000000,
        description: 'A replay is refused when the table has as many rows. 0 means no limit.',
      },
      {
        displayName: 'Replay: Limit of Waiting Changes',
        name: 'replayBacklogLimit',
        type: 'number',
        typeOptions: { minValue: 0 },
        default: 2000000,
        description: 'A replay is refused when as many changes still wait to be transferred. 0 means no limit.',
      },
    ],
  },
];
