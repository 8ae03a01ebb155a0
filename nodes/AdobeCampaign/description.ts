import type { INodeProperties } from 'n8n-workflow';
import { applyProperties } from './operations/apply-change.operation';
import { consentProperties } from './operations/consent-properties';
import { deleteProperties } from './operations/delete.operation';
import { lookupProperties, recordProperties } from './operations/record-properties';
import { upsertProperties } from './operations/upsert.operation';

/** Names of the outputs, by operation: Get answers a question, the others write. */
export const OUTPUTS_EXPRESSION =
  '={{ ($parameter["operation"] === "get" ? ["Found", "Not Found", "Rejected"] : ["Written", "Skipped", "Waiting", "Rejected"]).map((displayName) => ({ type: "main", displayName })) }}';

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

/** The panel. */
export const properties: INodeProperties[] = [
  operation,
  ...applyProperties,
  ...recordProperties,
  ...upsertProperties,
  ...lookupProperties,
  ...consentProperties,
  ...deleteProperties,
];
