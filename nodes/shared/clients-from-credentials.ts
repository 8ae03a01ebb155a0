import { createHash } from 'node:crypto';
import type { FunctionsBase } from 'n8n-workflow';
import { CampaignClient } from '../../lib/campaign/client';
import { campaignCredential } from '../../lib/campaign/credential';
import { DataverseClient } from '../../lib/dataverse/client';
import { dataverseCredential } from '../../lib/dataverse/credential';
import type { ClientCache } from './client-cache';
import { processWide } from './process-wide';

/** The smallest context that gives a client: of execute, trigger and load-options functions alike. */
export type CredentialContext = Pick<FunctionsBase, 'getCredentials'>;

/**
 * The client for the node's `dynamics365Api` credential. One per content of the credential and process, so that all nodes share its
 * token, connections and limits. Throws ConfigurationError when the credential is incomplete.
 */
export async function getDataverseClient(context: CredentialContext): Promise<DataverseClient> {
  const credential = dataverseCredential(await context.getCredentials('dynamics365Api'));
  const { dataverseClients, surroundings } = processWide();
  return shared(dataverseClients, credential, () => new DataverseClient(credential, surroundings.clients));
}

/** The client for the node's `adobeCampaignApi` credential, in the same manner. */
export async function getCampaignClient(context: CredentialContext): Promise<CampaignClient> {
  const credential = campaignCredential(await context.getCredentials('adobeCampaignApi'));
  const { campaignClients, surroundings } = processWide();
  return shared(campaignClients, credential, () => new CampaignClient(credential, surroundings.clients));
}

function shared<Client extends object>(clients: ClientCache<Client>, credential: object, make: () => Client): Client {
  return clients.get(createHash('sha256').update(JSON.stringify(credential)).digest('base64'), make);
}
