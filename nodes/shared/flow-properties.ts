import type { INodeProperties } from 'n8n-workflow';

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

/** The zone of days and of times without a zone. */
export const timeZone: INodeProperties = {
  displayName: 'Time Zone Name or ID',
  name: 'timeZone',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getTimeZones' },
  default: 'UTC',
  description:
    'The time zone in which a moment has its day, and a day its midnight. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};
