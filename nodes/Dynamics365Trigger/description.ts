import type { INodeProperties } from 'n8n-workflow';
import { columnsMode, displayLabels, selectedColumns, tableOfFlow } from '../shared/flow-properties';
import { allClearProperty, batchSizeProperty, longestRetryPauseProperty } from '../shared/trigger-parameters';

/** The trigger's panel. */
export const properties: INodeProperties[] = [
  {
    ...tableOfFlow,
    default: { mode: 'list', value: 'contact', cachedResultName: 'Contact (contact)' },
    description:
      'The Dynamics 365 table to watch. Change tracking must be on for it. The other nodes of the flow take the table from here.',
  },
  columnsMode,
  {
    ...selectedColumns,
    description: `${selectedColumns.description} A column added later fills in Campaign as rows change; use Replay to transfer it for all rows at once.`,
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
      allClearProperty,
      displayLabels,
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
