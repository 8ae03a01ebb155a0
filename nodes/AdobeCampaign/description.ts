import type { INodeProperties } from 'n8n-workflow';
import { fieldDropDown, filterProperties, keyFieldDropDown, resource } from '../shared/flow-properties';

/** Names of the outputs, by operation: Get answers a question, the others write. */
export const OUTPUTS_EXPRESSION =
  '={{ ($parameter["operation"] === "get" ? ["Found", "Not Found", "Rejected"] : ["Written", "Skipped", "Waiting", "Rejected"]).map((displayName) => ({ type: "main", displayName })) }}';

const onlyFor = (...operations: string[]) => ({ show: { operation: operations } });

const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Apply Change',
      value: 'apply',
      action: 'Apply a change',
      description: 'Write or delete each record as its item says. For items of a Field Mapper.',
    },
    {
      name: 'Delete',
      value: 'delete',
      action: 'Delete a record',
      description: 'Delete the record with a key; one that is not there is fine',
    },
    { name: 'Get', value: 'get', action: 'Get a record', description: 'Look up the record with a key' },
    {
      name: 'Upsert',
      value: 'upsert',
      action: 'Create or update a record',
      description: 'Create a record, or update only what differs in the one with the same key',
    },
  ],
  default: 'apply',
};

const privacyNotice: INodeProperties = {
  displayName:
    "Deleting a profile is <b>not</b> a privacy delete: its delivery and tracking logs stay in Adobe Campaign. For the request of a person (GDPR, CCPA) use Adobe's Privacy Service, and handle Dynamics 365 separately.",
  name: 'privacyNotice',
  type: 'notice',
  default: '',
  displayOptions: onlyFor('apply', 'delete'),
};

const applyNotice: INodeProperties = {
  displayName:
    'Each item says what to write where: put a Field Mapper before this node. Records are matched on their key alone; a record whose key the item does not name is never touched. Only fields that differ are written. Items that were rejected or skipped on the way leave through the output of that name.',
  name: 'applyNotice',
  type: 'notice',
  default: '',
  displayOptions: onlyFor('apply'),
};

const record: INodeProperties[] = [
  {
    ...resource,
    displayName: 'Resource',
    description: 'The resource of Adobe Campaign that holds the record, for example Profile, or a custom resource',
    displayOptions: onlyFor('upsert', 'delete', 'get'),
  },
  {
    ...keyFieldDropDown('The field that names one record. Its values must be unique.'),
    displayName: 'Key Field Name or ID',
    displayOptions: onlyFor('upsert', 'delete', 'get'),
  },
  {
    displayName: 'Key Value',
    name: 'keyValue',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. {{ $json.id }}',
    description: 'The key of the record. Only a record with exactly this key is touched.',
    displayOptions: onlyFor('upsert', 'delete', 'get'),
  },
];

const fields: INodeProperties[] = [
  {
    displayName: 'Fields As',
    name: 'fieldsMode',
    type: 'options',
    options: [
      { name: 'List of Fields', value: 'list', description: 'Choose each field and give its value' },
      { name: 'JSON', value: 'json', description: 'An object of field names and values' },
    ],
    default: 'list',
    description: 'How the fields to write are given',
    displayOptions: onlyFor('upsert'),
  },
  {
    displayName: 'Fields',
    name: 'fields',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add Field',
    default: {},
    description: 'The fields to write. Fields that are not listed stay as they are.',
    displayOptions: { show: { operation: ['upsert'], fieldsMode: ['list'] } },
    options: [
      {
        displayName: 'Field',
        name: 'field',
        values: [
          { ...fieldDropDown('The field of the resource.'), displayName: 'Field Name or ID', name: 'name' },
          {
            displayName: 'Value',
            name: 'value',
            type: 'string',
            default: '',
            description: 'An empty value empties the field. An enumeration takes the internal name of its entry.',
          },
        ],
      },
    ],
  },
  {
    displayName: 'Fields (JSON)',
    name: 'fieldsJson',
    type: 'json',
    default: '{}',
    placeholder: '{ "firstName": "Ada", "location": { "city": "London" } }',
    description: 'Field names and values. Fields that are not named stay as they are.',
    displayOptions: { show: { operation: ['upsert'], fieldsMode: ['json'] } },
  },
  {
    displayName: 'Update Only',
    name: 'updateOnly',
    type: 'boolean',
    default: false,
    description: 'Whether to leave alone what is not in Adobe Campaign, instead of creating it',
    displayOptions: onlyFor('upsert'),
  },
];

const lookup: INodeProperties[] = [
  {
    displayName: 'Look Up Records By',
    name: 'lookup',
    type: 'options',
    options: [
      {
        name: 'Key in the URL',
        value: 'key',
        description: 'The key field is the custom key of the resource. Needs no preparation in Adobe Campaign.',
      },
      {
        name: 'Filter',
        value: 'filter',
        description: 'A custom filter of the resource, published for the API, finds the record',
      },
    ],
    default: 'key',
    description: 'How a record is found by its key before it is written',
  },
  ...filterProperties('the key field'),
];

/** The panel. */
export const properties: INodeProperties[] = [operation, applyNotice, ...record, ...fields, ...lookup, privacyNotice];
