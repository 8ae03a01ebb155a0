import type { INodeProperties } from 'n8n-workflow';
import { formatProperties } from '../shared/export-format-properties';

/** The reader's panel. */
export const properties: INodeProperties[] = [
  {
    displayName: 'File Path',
    name: 'path',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. d365_loads/exports/optouts_20261121_040000.txt',
    description: 'Without a slash at its beginning it is taken from where the user starts',
  },
  ...formatProperties,
  {
    displayName: 'Row Limit',
    name: 'limit',
    type: 'number',
    typeOptions: { minValue: 1, numberPrecision: 0 },
    default: 100000,
    description: 'All rows become items at once and take memory. Use the SFTP Export Trigger for files of any size.',
  },
  {
    displayName: 'If the File Has More Rows',
    name: 'whenMore',
    type: 'options',
    options: [
      { name: 'Fail', value: 'fail' },
      { name: 'Give the First Rows', value: 'first' },
    ],
    default: 'fail',
  },
];
