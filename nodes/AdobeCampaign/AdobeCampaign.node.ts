import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import type { CampaignClient } from '../../lib/campaign/client';
import { getCampaignClient } from '../shared/clients-from-credentials';
import { testAdobeCampaignApi } from '../shared/credential-tests';
import { campaignListSearch, campaignLoadOptions } from '../shared/drop-downs';
import { failExecution } from '../shared/fail-execution';
import { NOT_A_TOOL } from '../shared/not-a-tool';
import { OUTPUTS_EXPRESSION, properties } from './description';
import { applyChange } from './operations/apply-change.operation';
import { deleteRecords } from './operations/delete.operation';
import { get } from './operations/get.operation';
import { upsert } from './operations/upsert.operation';
import { readSettings, type Operation, type Settings } from './settings';

type Execute = (
  context: IExecuteFunctions,
  client: CampaignClient,
  settings: Settings,
) => Promise<INodeExecutionData[][]>;

/**
 * A new operation: a file with its properties and its function in `operations/`, a line here, an option in
 * `description.ts`.
 */
const EXECUTE: Readonly<Record<Operation, Execute>> = { apply: applyChange, upsert, delete: deleteRecords, get };

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
    outputs: OUTPUTS_EXPRESSION,
    usableAsTool: NOT_A_TOOL,
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
      const settings = readSettings(this);
      return await EXECUTE[settings.operation](this, await getCampaignClient(this), settings);
    } catch (error) {
      // Faults of single records are outcomes; what arrives here concerns them all.
      return failExecution(this, error);
    }
  }
}
