import type { INodeProperties } from 'n8n-workflow';
import { EXPORT_BOOLEANS } from '../../lib/core/boolean-words';

const DATE_TIME_FORMAT =
  "Leave empty for ISO 8601 and Campaign's own formats (2026-11-21T16:30:00Z, 2026-11-21 16:30:00.304Z, 2026/11/21 16:30:00). Otherwise of YYYY MM M DD D HH H hh h mm ss SSS A Z, for example DD.MM.YYYY HH:mm.";

/** The part of the panel that says how an export is written; the trigger and the reader have the same. */
export const formatProperties: INodeProperties[] = [
  {
    displayName: 'Columns',
    name: 'columns',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add column',
    default: {},
    description: 'Columns that must be there, and those that are not text',
    options: [
      {
        displayName: 'Column',
        name: 'column',
        values: [
          {
            displayName: 'Name',
            name: 'name',
            type: 'string',
            default: '',
            required: true,
            placeholder: 'e.g. externalId',
            description: 'As the first line of the file has it',
          },
          {
            displayName: 'Type',
            name: 'type',
            type: 'options',
            options: [
              { name: 'Date-Time', value: 'dateTime' },
              { name: 'Integer', value: 'integer' },
              { name: 'Number', value: 'number' },
              { name: 'Text', value: 'text' },
              { name: 'True or False', value: 'boolean' },
            ],
            default: 'text',
          },
          {
            displayName: 'Date-Time Format',
            name: 'dateTimeFormat',
            type: 'string',
            default: '',
            displayOptions: { show: { type: ['dateTime'] } },
            description: DATE_TIME_FORMAT,
          },
          {
            displayName: 'Name on the Items',
            name: 'as',
            type: 'string',
            default: '',
            description: 'Where it should differ from the name in the file',
          },
          {
            displayName: 'Needed',
            name: 'needed',
            type: 'boolean',
            default: true,
            description: 'Whether a file without this column is broken and none of its rows goes on',
          },
        ],
      },
    ],
  },
  {
    displayName: 'Keep Other Columns',
    name: 'keepOthers',
    type: 'boolean',
    default: true,
    description: 'Whether columns that are not listed come too, as text',
  },
  {
    displayName: 'Time Zone',
    name: 'timeZone',
    type: 'string',
    default: 'UTC',
    required: true,
    placeholder: 'e.g. Europe/Berlin',
    description:
      'Of date-times in the file that name no zone: most often the zone of the operator whose workflow in Adobe Campaign writes them. Look it up there: a wrong one moves all times.',
  },
  {
    displayName: 'File Format',
    name: 'format',
    type: 'collection',
    placeholder: 'Add format option',
    default: {},
    options: [
      {
        displayName: 'Date-Time Format',
        name: 'dateTimeFormat',
        type: 'string',
        default: '',
        description: `For all columns that have none of their own. ${DATE_TIME_FORMAT}`,
      },
      {
        displayName: 'Decimal Separator',
        name: 'decimalSeparator',
        type: 'options',
        options: [
          { name: 'Comma', value: ',' },
          { name: 'Point', value: '.' },
        ],
        default: '.',
      },
      {
        displayName: 'Delimiter',
        name: 'delimiter',
        type: 'options',
        options: [
          { name: 'Comma', value: 'comma' },
          { name: 'Detect in the First Line', value: 'auto' },
          { name: 'Pipe', value: 'pipe' },
          { name: 'Semicolon', value: 'semicolon' },
          { name: 'Tab', value: 'tab' },
        ],
        default: 'auto',
      },
      {
        displayName: 'Empty Files',
        name: 'empty',
        type: 'options',
        options: [
          { name: 'Are Broken', value: 'broken', description: 'A full disk leaves files of no bytes' },
          { name: 'Are Exports Without Rows', value: 'allowed' },
        ],
        default: 'broken',
      },
      {
        displayName: 'Encoding',
        name: 'encoding',
        type: 'options',
        options: [
          {
            name: 'Detect',
            value: 'auto',
            description:
              'UTF-8, and Windows-1252 for a file in which nothing is UTF-8. A row of a UTF-8 file whose bytes are no UTF-8 is rejected.',
          },
          { name: 'UTF-8', value: 'utf8' },
          { name: 'Windows-1252 (Latin-1)', value: 'latin1' },
        ],
        default: 'auto',
      },
      {
        displayName: 'Last Line May Lack Its End',
        name: 'openEnd',
        type: 'boolean',
        default: false,
        description:
          'Whether a file may end without a line end. A file that was cut off inside its last value can then not be told from a whole one.',
      },
      {
        displayName: 'Quotes',
        name: 'quotes',
        type: 'options',
        options: [
          {
            name: 'Double Quotes Where Needed',
            value: 'double',
            description:
              'For files of other exporters, in which a value that holds a delimiter or a line end stands in double quotes. A row whose quotes do not fit is rejected.',
          },
          {
            name: 'None',
            value: 'none',
            description: 'A quote is a character like any other. Exports of Adobe Campaign are written so.',
          },
        ],
        default: 'none',
      },
      {
        displayName: "Values That Can't Be Read",
        name: 'unreadable',
        type: 'options',
        options: [
          {
            name: 'Keep Their Text',
            value: 'keepText',
            description: 'The item names them in export.problems and goes on',
          },
          { name: 'Reject the Row', value: 'reject', description: 'The item goes on with an outcome "rejected"' },
        ],
        default: 'keepText',
      },
      {
        displayName: 'Words for False',
        name: 'falseWords',
        type: 'string',
        default: [...EXPORT_BOOLEANS.falseWords].join(', '),
        description: 'Separated by commas; upper and lower case are the same',
      },
      {
        displayName: 'Words for True',
        name: 'trueWords',
        type: 'string',
        default: [...EXPORT_BOOLEANS.trueWords].join(', '),
        description: 'Separated by commas; upper and lower case are the same',
      },
    ],
  },
];
