import { NodeConnectionTypes } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import type { CampaignClient } from '../../lib/campaign/client';
import { profileSource } from '../../lib/campaign/profile-source';
import type { DataverseClient } from '../../lib/dataverse/client';
import { MERGE_COLUMNS, contactSource } from '../../lib/dataverse/contact-source';
import { compileLines } from '../../lib/sync/opt-out/compile-lines';
import { CONTACT } from '../../lib/sync/opt-out/read-item';
import { resolveOptOuts } from '../../lib/sync/opt-out/resolve';
import { OUTPUTS, type Resolved } from '../../lib/sync/opt-out/route-decision';
import { getCampaignClient, getDataverseClient } from '../shared/clients-from-credentials';
import { testAdobeCampaignApi, testDynamics365Api } from '../shared/credential-tests';
import { failExecution } from '../shared/fail-execution';
import { describeResource, describeTable } from '../shared/metadata-cache';
import { NOT_A_TOOL } from '../shared/not-a-tool';
import { processWide } from '../shared/process-wide';
import { properties } from './description';
import { getOptOutColumns } from './methods';
import { readSettings, type OptOutSettings } from './settings';

/** Profiles looked up at once where the credential says nothing; the client's own limit holds too. */
const LOOK_UPS_AT_ONCE = 10;

export class OptOutResolver implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Opt-Out Resolver',
    name: 'optOutResolver',
    icon: { light: 'file:optOutResolver.svg', dark: 'file:optOutResolver.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ ({ disabled: "Disabled", dynamicsToCampaign: "Dynamics 365 to Campaign", campaignToDynamics: "Campaign to Dynamics 365", bidirectional: "Bidirectional" })[$parameter.direction] }}',
    description: 'Decides between the opt-outs of Dynamics 365 and Adobe Campaign, and says why',
    defaults: { name: 'Opt-Out Resolver' },
    usableAsTool: NOT_A_TOOL,
    inputs: [NodeConnectionTypes.Main],
    outputs: OUTPUTS.map(() => NodeConnectionTypes.Main),
    outputNames: ['To Campaign', 'To Dynamics 365', 'Nothing To Do', 'Rejected'],
    credentials: [
      { name: 'dynamics365Api', required: true, testedBy: 'testDynamics365Api' },
      { name: 'adobeCampaignApi', required: true, testedBy: 'testAdobeCampaignApi' },
    ],
    properties,
  };

  methods = {
    loadOptions: { getOptOutColumns },
    credentialTest: { testDynamics365Api, testAdobeCampaignApi },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const items = this.getInputData().map(({ json }) => json);
      const resolved = await resolveItems(this, items);
      this.addExecutionHints({ message: totals(resolved), location: 'outputPane' });
      return toOutputs(resolved);
    } catch (error) {
      // Faults of single people are outcomes; what arrives here concerns them all.
      return failExecution(this, error);
    }
  }
}

async function resolveItems(context: IExecuteFunctions, items: readonly IDataObject[]): Promise<Resolved[]> {
  const settings = readSettings(context);
  const { clock } = processWide();
  const signal = context.getExecutionCancelSignal();
  const [dataverse, campaign] = await Promise.all([getDataverseClient(context), getCampaignClient(context)]);
  const { table, profile, lines, merges } =
    settings.direction === 'disabled' ? NOTHING_TO_READ : await readMetadata(dataverse, campaign, settings, signal);
  const concurrency = campaign.credential.maxConcurrency || LOOK_UPS_AT_ONCE;
  return await resolveOptOuts(
    items,
    { ...settings, lines, profile, concurrency },
    {
      contacts: contactSource(dataverse, table, { merges }),
      profiles: profileSource(campaign, { resource: profile, keyField: settings.keyField, lookup: settings.lookup }),
      now: () => clock.now(),
      signal,
    },
  );
}

async function readMetadata(
  dataverse: DataverseClient,
  campaign: CampaignClient,
  settings: OptOutSettings,
  signal: AbortSignal | undefined,
) {
  const [contact, profile] = await Promise.all([
    describeTable(dataverse, CONTACT, { signal }),
    describeResource(campaign, 'profile', { signal }),
  ]);
  const lines = compileLines(settings.lines, contact, profile, settings);
  const names = new Set(contact.columns.map(({ name }) => name));
  const merges = MERGE_COLUMNS.every((name) => names.has(name));
  return { table: contact.table, profile: profile.resource, lines, merges };
}

/** Disabled asks neither system, not even for its metadata. */
const NOTHING_TO_READ = {
  lines: [],
  merges: false,
  table: { name: CONTACT, setName: 'contacts', primaryId: 'contactid' },
  profile: { name: 'profile', api: 'profileAndServicesExt' },
} as const;

function toOutputs(resolved: readonly Resolved[]): INodeExecutionData[][] {
  return OUTPUTS.map((output) =>
    resolved
      .filter((each) => each.output === output)
      .map(({ json, item }) => ({ json: json as IDataObject, pairedItem: { item } })),
  );
}

function totals(resolved: readonly Resolved[]): string {
  const count = (output: Resolved['output']) => resolved.filter((each) => each.output === output).length;
  return `To Campaign: ${count('toCampaign')}, to Dynamics 365: ${count('toDynamics')}, nothing to do: ${count('nothing')}, rejected: ${count('rejected')}`;
}
