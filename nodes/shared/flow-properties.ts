import type { INodeProperties } from 'n8n-workflow';

/** The sentence that n8n asks for at the end of the description of a drop-down whose entries are loaded. */
export const CHOOSE_ID =
  'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.';

/** The same where several can be chosen. */
export const CHOOSE_IDS = CHOOSE_ID.replace('an ID', 'IDs');

/** The flow's table: by default the one that the trigger watches, so that it is chosen once. */
export const tableOfFlow: INodeProperties = {
  displayName: 'Table',
  name: 'table',
  type: 'resourceLocator',
  default: { mode: 'id', value: "={{ $('Dynamics 365 Trigger').params.table.value }}" },
  required: true,
  description: "The Dynamics 365 table of the records. By default it is taken from the flow's Dynamics 365 Trigger.",
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

/** The Campaign resource. */
export const resource: INodeProperties = {
  displayName: 'Campaign Resource',
  name: 'resource',
  type: 'resourceLocator',
  default: { mode: 'list', value: 'profile', cachedResultName: 'Profile (profile)' },
  required: true,
  description: 'The resource in Adobe Campaign, for example Profile, or a custom resource',
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      typeOptions: { searchListMethod: 'searchResources', searchable: true },
    },
    { displayName: 'By Name', name: 'id', type: 'string', placeholder: 'e.g. cusMembership' },
  ],
};

/** One column of the node's table. */
export const columnDropDown = (what: string): INodeProperties => ({
  displayName: 'Column Name or ID',
  name: 'column',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: ['table.value'] },
  default: '',
  description: `${what} ${CHOOSE_ID}`,
});

/** One field of the node's resource. */
export const fieldDropDown = (what: string): INodeProperties => ({
  displayName: 'Campaign Field Name or ID',
  name: 'field',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getFields', loadOptionsDependsOn: ['resource.value'] },
  default: '',
  description: `${what} ${CHOOSE_ID}`,
});

/** The field of the node's resource by which records are known. */
export const keyFieldDropDown = (what: string): INodeProperties => ({
  displayName: 'Campaign Key Field Name or ID',
  name: 'keyField',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getKeyFields', loadOptionsDependsOn: ['resource.value'] },
  default: 'externalId',
  required: true,
  description: `${what} ${CHOOSE_ID}`,
});

/** Which columns are read: all of them, or the chosen ones. */
export const columnsMode: INodeProperties = {
  displayName: 'Columns to Read',
  name: 'columnsMode',
  type: 'options',
  options: [
    { name: 'Selected Columns', value: 'selected', description: 'Faster: only what the flow uses travels' },
    { name: 'All Columns', value: 'all', description: 'Every column that the application user may read' },
  ],
  default: 'selected',
};

/** The chosen ones. */
export const selectedColumns: INodeProperties = {
  displayName: 'Column Names or IDs',
  name: 'columns',
  type: 'multiOptions',
  typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: ['table.value'] },
  displayOptions: { show: { columnsMode: ['selected'] } },
  default: [],
  description: `Choose every column that is filtered or mapped later; key and time of change come by themselves. ${CHOOSE_IDS}`,
};

/** Whether labels come along with the values. */
export const displayLabels: INodeProperties = {
  displayName: 'Display Labels',
  name: 'labels',
  type: 'boolean',
  default: true,
  description: 'Whether to read the labels of choices and the names behind lookups along with their values',
};

/** The zone of days and of times without a zone. */
export const timeZone: INodeProperties = {
  displayName: 'Time Zone Name or ID',
  name: 'timeZone',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getTimeZones' },
  default: 'UTC',
  description: `The time zone in which a moment has its day, and a day its midnight. ${CHOOSE_ID}`,
};

/**
 * The filter of Campaign that finds a record, where it is not found by its key in the URL (parameter `lookup`).
 *
 * @param compared what the filter must compare
 */
export const filterProperties = (compared: string): INodeProperties[] => [
  {
    displayName: 'Filter Name',
    name: 'filterName',
    type: 'string',
    default: 'byExternalId',
    required: true,
    description: `Name of the filter in the API: "by" and the ID of the filter definition. Campaign v8 has it without "by". It must compare ${compared} for equality.`,
    displayOptions: { show: { lookup: ['filter'] } },
  },
  {
    displayName: 'Filter Parameter',
    name: 'filterParameter',
    type: 'string',
    default: 'externalId_parameter',
    required: true,
    description: 'Name of the parameter that takes the key: usually the name of the field and "_parameter"',
    displayOptions: { show: { lookup: ['filter'] } },
  },
];
