import type { FunctionsBase } from 'n8n-workflow';
import { CampaignClient } from '../../lib/campaign/client';
import type { CampaignCredential } from '../../lib/campaign/credential';
import { DataverseClient } from '../../lib/dataverse/client';
import type { DataverseCredential } from '../../lib/dataverse/credential';

/** The smallest context that gives a client: of execute, trigger and load-options functions alike. */
export type CredentialContext = Pick<FunctionsBase, 'getCredentials'>;

/** The client for the node's `dynamics365Api` credential: one per content of the credential and process. */
export async function getDataverseClient(context: CredentialContext): Promise<DataverseClient> {
  return new DataverseClient(await context.getCredentials<DataverseCredential>('dynamics365Api'));
}

/** The client for the node's `adobeCampaignApi` credential: one per content of the credential and process. */
export async function getCampaignClient(context: CredentialContext): Promise<CampaignClient> {
  return new CampaignClient(await context.getCredentials<CampaignCredential>('adobeCampaignApi'));
}
