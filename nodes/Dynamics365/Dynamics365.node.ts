import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import type { DataverseClient } from '../../lib/dataverse/client';
import { getDataverseClient } from '../shared/clients-from-credentials';
import { testDynamics365Api } from '../shared/credential-tests';
import { dataverseListSearch, dataverseLoadOptions } from '../shared/drop-downs';
import { failExecution } from '../shared/fail-execution';
import { NOT_A_TOOL } from '../shared/not-a-tool';
import { OUTPUTS_EXPRESSION, properties } from './description';
import { addTimelineActivity } from './operations/add-timeline-activity.operation';
import { get } from './operations/get.operation';
import { prepareTimelineTables } from './operations/prepare-timeline-tables.operation';
import { update } from './operations/update.operation';
import { upsert } from './operations/upsert.operation';
import { readOperation, type Operation } from './settings';

type Execute = (context: IExecuteFunctions, client: DataverseClient) => Promise<INodeExecutionData[][]>;

/** A new operation: a file with its properties and its function in `operations/`, a line here, an option in `description.ts`. */
const EXECUTE: Readonly<Record<Operation, Execute>> = {
  get,
  update,
  upsert,
  addTimelineActivity,
  prepareTimelineTables,
};

export class Dynamics365 implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Dynamics 365',
    name: 'dynamics365',
    icon: { light: 'file:dynamics365.svg', dark: 'file:dynamics365.dark.svg' },
    group: ['input'],
    version: 1,
    subtitle:
      '={{ { get: "Get: ", update: "Update: ", upsert: "Upsert: ", addTimelineActivity: "Add timeline activity", prepareTimelineTables: "Prepare timeline tables" }[$parameter["operation"]] + (["get", "update", "upsert"].includes($parameter["operation"]) ? $parameter["table"] : "") }}',
    description: "Gets and writes rows of Dynamics 365 tables, and puts e-mail events on contacts' timelines",
    defaults: { name: 'Dynamics 365' },
    inputs: [NodeConnectionTypes.Main],
    outputs: OUTPUTS_EXPRESSION,
    usableAsTool: NOT_A_TOOL,
    credentials: [{ name: 'dynamics365Api', required: true, testedBy: 'testDynamics365Api' }],
    properties,
  };

  methods = {
    listSearch: dataverseListSearch,
    loadOptions: dataverseLoadOptions,
    credentialTest: { testDynamics365Api },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const operation = readOperation(this);
      return await EXECUTE[operation](this, await getDataverseClient(this));
    } catch (error) {
      // Faults of single rows are items; what arrives here concerns them all.
      return failExecution(this, error);
    }
  }
}
