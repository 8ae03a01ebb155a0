import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { conversions } from '../../lib/sync/conversion/conversions';
import { compileMapping } from '../../lib/sync/mapping/compile-mapping';
import { getCampaignClient, getDataverseClient } from '../shared/clients-from-credentials';
import { testAdobeCampaignApi, testDynamics365Api } from '../shared/credential-tests';
import {
  campaignListSearch,
  campaignLoadOptions,
  dataverseListSearch,
  dataverseLoadOptions,
} from '../shared/drop-downs';
import { failExecution } from '../shared/fail-execution';
import { describeResource, describeTable } from '../shared/metadata-cache';
import { getTimeZones } from '../shared/time-zones';
import { withFreshMetadata } from '../shared/with-fresh-metadata';
import { properties } from './description';
import { mapItems } from './map-items';
import { getPrimaryKey, getRowKeyFields } from './methods';
import { readSettings } from './settings';

export class FieldMapper implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Field Mapper',
    name: 'fieldMapper',
    icon: { light: 'file:fieldMapper.svg', dark: 'file:fieldMapper.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ "to " + $parameter["resource"] + ", " + ($parameter["mapping"]?.row ?? []).length + " lines" }}',
    description:
      'Maps columns of a Dynamics 365 table to fields of an Adobe Campaign resource, with conversion of types',
    defaults: { name: 'Field Mapper' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: true,
    credentials: [
      { name: 'dynamics365Api', required: true, testedBy: 'testDynamics365Api' },
      { name: 'adobeCampaignApi', required: true, testedBy: 'testAdobeCampaignApi' },
    ],
    properties,
  };

  methods = {
    listSearch: { ...dataverseListSearch, ...campaignListSearch },
    loadOptions: {
      ...dataverseLoadOptions,
      ...campaignLoadOptions,
      getKeyFields: getRowKeyFields,
      getPrimaryKey,
      getTimeZones,
    },
    credentialTest: { testDynamics365Api, testAdobeCampaignApi },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const settings = readSettings(this);
      const [dataverse, campaign] = await Promise.all([getDataverseClient(this), getCampaignClient(this)]);
      const signal = this.getExecutionCancelSignal();
      const product = campaign.credential.product ?? 'standard';
      const mapping = await withFreshMetadata(async (refresh) => {
        const [table, resource] = await Promise.all([
          describeTable(dataverse, settings.table, { refresh, signal }),
          describeResource(campaign, settings.resource, { refresh, signal }),
        ]);
        return compileMapping({ ...settings, product }, table, resource, conversions);
      });
      return [mapItems(this, this.getInputData(), mapping, settings.expressions)];
    } catch (error) {
      // Values that can't be converted are outcomes; what arrives here concerns the whole batch.
      return failExecution(this, error);
    }
  }
}
