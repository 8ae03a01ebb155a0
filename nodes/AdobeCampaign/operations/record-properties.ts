import type { INodeProperties } from 'n8n-workflow';
import { filterProperties, keyFieldDropDown, resource } from '../../shared/flow-properties';

const forOneRecord = { show: { operation: ['upsert', 'delete', 'get'] } };

/** Which record an item is about: the panel of Upsert, Delete and Get. */
export const recordProperties: INodeProperties[] = [
  {
    ...resource,
    displayName: 'Resource',
    description: 'The resource of Adobe Campaign that holds the record, for example Profile, or a custom resource',
    displayOptions: forOneRecord,
  },
  {
    ...keyFieldDropDown('The field that names one record. Its values must be unique.'),
    displayName: 'Key Field Name or ID',
    displayOptions: forOneRecord,
  },
  {
    displayName: 'Key Value',
    name: 'keyValue',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. {{ $json.id }}',
    description: 'The key of the record. Only a record with exactly this key is touched.',
    displayOptions: forOneRecord,
  },
];

/** How records are found, for all operations. */
export const lookupProperties: INodeProperties[] = [
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
