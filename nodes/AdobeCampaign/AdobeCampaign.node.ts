import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { getCampaignClient } from '../shared/clients-from-credentials';
import { testAdobeCampaignApi } from '../shared/credential-tests';
import { campaignListSearch, campaignLoadOptions } from '../shared/drop-downs';
import { failExecution } from '../shared/fail-execution';
import { OUTPUTS_EXPRESSION, properties } from './description';
import { getItems } from './get-items';
import { readSettings } from './settings';
import { writeItems } from './write-items';

export class AdobeCampaign implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Adobe Campaign',
    name: 'adobeCampaign',
    icon: { light: 'file:adobeCampaign.svg', dark: 'file:adobeCampaign.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle:
      '={{ { apply: "Apply change", upsert: "Upsert", delete: "Delete", get: "Get" }[$parameter["operation"]] + ($parameter["operation"] === "apply" ? "" : ": " + $parameter["resource"]) }}',
    description: 'Writes profiles and custom resources to Adobe Campaign Standard or v8, deletes them, looks them up',
    defaults: { name: 'Adobe Campaign' },
    inputs: [NodeConnectionTypes.Main],
    outputs: OUTPUTS_EXPRESSION as INodeTypeDescription['outputs'],
    usableAsTool: true,
    credentials: [{ name: 'adobeCampaignApi', required: true, testedBy: 'testAdobeCampaignApi' }],
    properties,
  };

  methods = {
    listSearch: campaignListSearch,
    loadOptions: campaignLoadOptions,
    credentialTest: { testAdobeCampaignApi },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const items = this.getInputData();
      const settings = readSettings(this);
      const client = await getCampaignClient(this);
      return settings.operation === 'get'
        ? await getItems(this, client, items, settings)
        : await writeItems(this, client, items, settings);
    } catch (error) {
      // Faults of single records are outcomes; what arrives here concerns them all.
      return failExecution(this, error);
    }
  }
}
