import { createHash } from 'node:crypto';
import type { FunctionsBase } from 'n8n-workflow';
import { CampaignClient } from '../../lib/campaign/client';
import { campaignCredential } from '../../lib/campaign/credential';
import { DataverseClient } from '../../lib/dataverse/client';
import { dataverseCredential } from '../../lib/dataverse/credential';

/** The smallest context that gives a client: of execute, trigger and load-options functions alike. */
export type CredentialContext = Pick<FunctionsBase, 'getCredentials'>;

/** Credentials that are edited leave old clients behind; the oldest go. Their connections close by themselves when idle. */
const MOST_CLIENTS = 50;

const dataverseClients = new Map<string, DataverseClient>();
const campaignClients = new Map<string, CampaignClient>();

/**
 * The client for the node's `dynamics365Api` credential. One per content of the credential and process, so that all nodes share its
 * token, connections and limits. Throws ConfigurationError when the credential is incomplete.
 */
export async function getDataverseClient(context: CredentialContext): Promise<DataverseClient> {
  const credential = dataverseCredential(await context.getCredentials('dynamics365Api'));
  return shared(dataverseClients, credential, () => new DataverseClient(credential));
}

/** The client for the node's `adobeCampaignApi` credential, in the same manner. */
export async function getCampaignClient(context: CredentialContext): Promise<CampaignClient> {
  const credential = campaignCredential(await context.getCredentials('adobeCampaignApi'));
  return shared(campaignClients, credential, () => new CampaignClient(credential));
}

function shared<Client>(clients: Map<string, Client>, credential: object, make: () => Client): Client {
  const id = createHash('sha256').update(JSON.stringify(credential)).digest('base64');
  let client = clients.get(id);
  if (!client) {
    client = make();
    clients.set(id, client);
    const [oldest] = clients.keys();
    if (clients.size > MOST_CLIENTS && oldest !== undefined) clients.delete(oldest);
  }
  return client;
}
