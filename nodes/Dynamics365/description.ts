import type { INodeProperties } from 'n8n-workflow';
import { tableOfFlow } from '../shared/flow-properties';
import { timelineProperties } from './operations/add-timeline-activity.properties';
import { getProperties } from './operations/get.operation';
import { prepareProperties } from './operations/prepare-timeline-tables.operation';
import { writeProperties } from './operations/write-rows.properties';

/** Names of the outputs, by operation: those that write have the same four as the Adobe Campaign node. */
export const OUTPUTS_EXPRESSION =
  '={{ ({ get: ["Rows"], prepareTimelineTables: ["Steps"] }[$parameter["operation"]] ?? ["Written", "Skipped", "Waiting", "Rejected"]).map((displayName) => ({ type: "main", displayName })) }}';

const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Add Timeline Activity',
      value: 'addTimelineActivity',
      action: 'Add an activity to the timeline of a contact',
      description: "Put e-mail events of Adobe Campaign on their contacts' timelines, each once",
    },
    {
      name: 'Get',
      value: 'get',
      action: 'Get rows by ID',
      description: 'Get the present state of rows by their IDs, in the form in which the trigger gives changes',
    },
    {
      name: 'Prepare Timeline Tables',
      value: 'prepareTimelineTables',
      action: 'Prepare the tables for timeline activities',
      description: 'Make the activity tables that Add Timeline Activity needs, or list what is missing',
    },
    {
      name: 'Update',
      value: 'update',
      action: 'Update a row',
      description: 'Write columns of a row that is there; only those that differ',
    },
    {
      name: 'Upsert',
      value: 'upsert',
      action: 'Create or update a row',
      description: 'Write columns of a row, and create it where it is not there',
    },
  ],
  default: 'get',
};

/** Shared by the operations on rows. */
const table: INodeProperties = {
  ...tableOfFlow,
  description: "The table of the rows. By default the one of the flow's Dynamics 365 Trigger.",
  displayOptions: { show: { operation: ['get', 'update', 'upsert'] } },
};

/** The panel. */
export const properties: INodeProperties[] = [
  operation,
  table,
  ...getProperties,
  ...shownFor(['update', 'upsert'], writeProperties),
  ...shownFor(['addTimelineActivity'], timelineProperties),
  ...shownFor(['prepareTimelineTables'], prepareProperties),
];

/** Properties as they are, shown for one operation only. */
function shownFor(operations: readonly string[], properties: readonly INodeProperties[]): INodeProperties[] {
  return properties.map((property) => ({
    ...property,
    displayOptions: { show: { operation: [...operations], ...property.displayOptions?.show } },
  }));
}
