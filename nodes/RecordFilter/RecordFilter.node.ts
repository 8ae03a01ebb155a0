import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { compileFilter } from '../../lib/sync/filter/compile-filter';
import { getDataverseClient } from '../shared/clients-from-credentials';
import { testDynamics365Api } from '../shared/credential-tests';
import { dataverseListSearch, dataverseLoadOptions } from '../shared/drop-downs';
import { failExecution } from '../shared/fail-execution';
import { describeTable } from '../shared/metadata-cache';
import { processWide } from '../shared/process-wide';
import { getTimeZones } from '../shared/time-zones';
import { withFreshMetadata } from '../shared/with-fresh-metadata';
import { properties } from './description';
import { filterItems } from './filter-items';
import { readSettings, readTable } from './settings';

export class RecordFilter implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Record Filter',
    name: 'recordFilter',
    icon: { light: 'file:recordFilter.svg', dark: 'file:recordFilter.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ ($parameter["match"] === "any" ? "Any condition" : "All conditions") + ($parameter["filteredOut"] === "delete" ? ", deletes the rest" : "") }}',
    description:
      'Keeps the changed Dynamics 365 rows that meet conditions, and passes the others on as skipped or as deletions',
    defaults: { name: 'Record Filter' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
    outputNames: ['Kept', 'Filtered Out'],
    usableAsTool: true,
    credentials: [{ name: 'dynamics365Api', required: true, testedBy: 'testDynamics365Api' }],
    properties,
  };

  methods = {
    listSearch: dataverseListSearch,
    loadOptions: { ...dataverseLoadOptions, getTimeZones },
    credentialTest: { testDynamics365Api },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const client = await getDataverseClient(this);
      const signal = this.getExecutionCancelSignal();
      const filter = await withFreshMetadata(async (refresh) => {
        const table = await describeTable(client, readTable(this), { refresh, signal });
        return compileFilter(readSettings(this, table), table, processWide().clock.now());
      });
      return filterItems(this, this.getInputData(), filter);
    } catch (error) {
      // Whatever arrives here concerns the whole batch.
      return failExecution(this, error);
    }
  }
}
