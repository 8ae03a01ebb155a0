import type { INodeProperties } from 'n8n-workflow';
import { getProperties } from './operations/get.operation';

const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Get',
      value: 'get',
      action: 'Get rows by ID',
      description: 'Get the present state of rows by their IDs, in the form in which the trigger gives changes',
    },
  ],
  default: 'get',
};

/** Shared by all operations. The default takes the table of the flow's trigger, so that it is chosen once. */
const table: INodeProperties = {
  displayName: 'Table',
  name: 'table',
  type: 'resourceLocator',
  default: { mode: 'id', value: "={{ $('Dynamics 365 Trigger').params.table.value }}" },
  required: true,
  description: "The table of the rows. By default the one of the flow's Dynamics 365 Trigger.",
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      typeOptions: { searchListMethod: 'searchTables', searchable: true },
    },
    { displayName: 'By Logical Name', name: 'id', type: 'string', placeholder: 'contact' },
  ],
};

/** The panel. */
export const properties: INodeProperties[] = [operation, table, ...getProperties];
