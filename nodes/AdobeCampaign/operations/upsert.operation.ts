import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import { flattenFields } from '../../../lib/campaign/dotted-fields';
import { enteredValue } from '../../../lib/campaign/entered-value';
import type { WritableChange } from '../../../lib/campaign/record-writer';
import type { TargetValue } from '../../../lib/core/change';
import { unknownFields } from '../../../lib/core/unknown-column';
import { isNameLike } from '../../../lib/core/name-like';
import type { Field, ResourceDescription } from '../../../lib/core/metadata';
import { rejectionOutcome } from '../../../lib/core/rejection-outcome';
import { fieldDropDown } from '../../shared/flow-properties';
import { readUpsert, type Settings, type UpsertSettings } from '../settings';
import { changePerItem, rejectedItem, targetOf, type Describe } from './record-change';
import { writeChanges, type WriteContext } from './write-changes';

const onlyUpsert = { show: { operation: ['upsert'] } };

/** The fields to write; the record stands in `record-properties.ts`. */
export const upsertProperties: INodeProperties[] = [
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
    displayOptions: onlyUpsert,
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
    displayOptions: onlyUpsert,
  },
];

/** Creates the record with each item's key, or updates what differs in it. */
export function upsert(
  context: WriteContext,
  client: CampaignClient,
  settings: Settings,
): Promise<INodeExecutionData[][]> {
  return writeChanges(context, client, settings, (items) =>
    changePerItem(context, client, items, async (item, describe) => upsertChange(readUpsert(context, item), describe)),
  );
}

/** An Upsert's change. A value that is not of its field's type is an outcome of that item. */
export async function upsertChange(settings: UpsertSettings, describe: Describe): Promise<WritableChange> {
  const entered = flattenFields(settings.fields);
  let description = await describe(settings.resource);
  // A field that was made a moment ago is not in the cache yet.
  if (lacksAny(description, entered)) description = await describe(settings.resource, true);
  const known = new Map(description.fields.map((field) => [field.name, field]));
  const fields: Record<string, TargetValue> = {};
  try {
    for (const name of Object.keys(entered)) {
      fields[name] = enteredValue(knownField(known, name, description), entered[name]);
    }
  } catch (error) {
    return rejectedItem(rejectionOutcome(error));
  }
  const target = targetOf(settings, description, fields);
  return { change: 'upsert', initial: false, target: settings.updateOnly ? { ...target, updateOnly: true } : target };
}

function lacksAny({ fields }: ResourceDescription, entered: Readonly<Record<string, unknown>>): boolean {
  const known = new Set(fields.map(({ name }) => name));
  return Object.keys(entered).some((name) => !known.has(name));
}

function knownField(known: ReadonlyMap<string, Field>, name: string, { resource }: ResourceDescription): Field {
  const field = known.get(name);
  if (field) return field;
  // What is no name may be a value that stands in its place.
  throw unknownFields(resource, [isNameLike(name) ? name : '…'], {
    candidates: known.values(),
    then: 'Open the node and choose the field anew.',
  });
}
