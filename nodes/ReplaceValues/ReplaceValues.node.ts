import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { conversions } from '../../lib/sync/conversion/conversions';
import { compileRecordReplacements } from '../../lib/sync/replacement/compile-record-replacements';
import { compileTargetReplacements } from '../../lib/sync/replacement/compile-target-replacements';
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
import { withFreshMetadata } from '../shared/with-fresh-metadata';
import { properties } from './description';
import { getEnumerationEntries } from './methods';
import { replaceItems } from './replace-items';
import { readSettings } from './settings';

export class ReplaceValues implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Replace Values',
    name: 'replaceValues',
    icon: { light: 'file:replaceValues.svg', dark: 'file:replaceValues.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["when"] === "after" ? "After the mapping" : "Before the mapping" }}',
    description: 'Puts new values in the place of old ones, before or after the Field Mapper',
    defaults: { name: 'Replace Values' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: true,
    credentials: [
      {
        name: 'dynamics365Api',
        required: true,
        testedBy: 'testDynamics365Api',
        // Named from the root: a parameter that a credential names as it stands is taken for a way to sign in, and not shown.
        displayOptions: { show: { '/when': ['before'] } },
      },
      {
        name: 'adobeCampaignApi',
        required: true,
        testedBy: 'testAdobeCampaignApi',
        displayOptions: { show: { '/when': ['after'] } },
      },
    ],
    properties,
  };

  methods = {
    listSearch: { ...dataverseListSearch, ...campaignListSearch },
    loadOptions: { ...dataverseLoadOptions, ...campaignLoadOptions, getEnumerationEntries },
    credentialTest: { testDynamics365Api, testAdobeCampaignApi },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const settings = readSettings(this);
      const signal = this.getExecutionCancelSignal();
      if (settings.when === 'before') {
        const client = await getDataverseClient(this);
        const replace = await withFreshMetadata(async (refresh) =>
          compileRecordReplacements(settings, await describeTable(client, settings.table, { refresh, signal })),
        );
        return [replaceItems(this, this.getInputData(), replace, true)];
      }
      const client = await getCampaignClient(this);
      const replace = await withFreshMetadata(async (refresh) =>
        compileTargetReplacements(
          settings,
          await describeResource(client, settings.resource, { refresh, signal }),
          conversions,
        ),
      );
      return [replaceItems(this, this.getInputData(), replace, false)];
    } catch (error) {
      // Values that do not fit are outcomes; what arrives here concerns the whole batch.
      return failExecution(this, error);
    }
  }
}
