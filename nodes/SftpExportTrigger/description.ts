import type { INodeProperties } from 'n8n-workflow';
import { formatProperties } from '../shared/export-format-properties';
import { allClearProperty, batchSizeProperty, longestRetryPauseProperty } from '../shared/trigger-parameters';

/** The trigger's panel. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Folder',
    name: 'folder',
    type: 'string',
    default: 'd365_loads/exports',
    required: true,
    description: 'The folder to watch. Without a slash at its beginning it is taken from where the user starts.',
  },
  {
    displayName: 'File Pattern',
    name: 'pattern',
    type: 'string',
    default: '*.txt, *.csv',
    required: true,
    description:
      'Which files are exports: * stands for any characters, ? for one. Separate several patterns with commas. A .gz at the end of a name fits as well, since Campaign compresses files by itself when its storage fills up.',
  },
  ...formatProperties,
  batchSizeProperty,
  {
    displayName: 'When a File Is Done',
    name: 'afterwards',
    type: 'options',
    options: [
      { name: 'Delete It', value: 'delete' },
      {
        name: 'Leave It',
        value: 'leave',
        description: 'It is known by its name, time, size and content, and not read again',
      },
      { name: 'Move It to a Folder', value: 'move' },
    ],
    default: 'move',
    description: 'Happens once the run of its last batch has succeeded, never before',
  },
  {
    displayName: 'Folder for Done Files',
    name: 'doneFolder',
    type: 'string',
    default: 'processed',
    displayOptions: { show: { afterwards: ['move'] } },
    description: 'Inside the watched folder, unless it begins with a slash. Clean it up: it counts for the storage.',
  },
  {
    displayName: 'Folder for Broken Files',
    name: 'brokenFolder',
    type: 'string',
    default: 'broken',
    description:
      'A file that is cut off, lacks a column or can not be read is moved there with a report beside it, and the error workflow is told. Inside the watched folder, unless it begins with a slash.',
  },
  {
    displayName: 'Alarm After Hours Without an Export',
    name: 'lateAfterHours',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 26,
    description: 'A failed execution, which starts the error workflow, tells of it once. 0 means no alarm.',
  },
  {
    displayName: 'Alarm When the Storage Is Full To',
    name: 'storagePercent',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 100 },
    default: 80,
    description:
      'In percent, where the server can tell. A failed execution, which starts the error workflow, tells of it once. 0 means no alarm.',
  },
  {
    displayName:
      'Renaming this node keeps its progress; deleting it, or making a copy of the workflow, begins anew. "Engine v2" of the workflow settings must be off: it does not report how a run ended.',
    name: 'progressNotice',
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
        displayName: 'A File Is Complete After',
        name: 'stableSeconds',
        type: 'number',
        typeOptions: { minValue: 0 },
        default: 60,
        description: 'In seconds. So long its size and time must have been the same.',
      },
      allClearProperty,
      longestRetryPauseProperty,
      {
        displayName: 'Look Every',
        name: 'pollSeconds',
        type: 'number',
        typeOptions: { minValue: 1 },
        default: 60,
        description: 'In seconds',
      },
    ],
  },
];
