import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { CampaignClient } from '../../lib/campaign/client';
import { campaignCredential } from '../../lib/campaign/credential';
import { DataverseClient } from '../../lib/dataverse/client';
import { dataverseCredential } from '../../lib/dataverse/credential';
import { SyncError } from '../../lib/core/errors';

type Credential = ICredentialsDecrypted<ICredentialDataDecryptedObject>;

/** A person waits at the button: after this a test that is still at it says so. */
const PATIENCE_MS = 30_000;

/**
 * `methods.credentialTest.testDynamics365Api` of every node that has the credential with `testedBy: 'testDynamics365Api'`.
 * Signs in, asks who that is, and reads metadata: what every use of the credential begins with.
 */
export async function testDynamics365Api(
  this: ICredentialTestFunctions,
  credential: Credential,
): Promise<INodeCredentialTestResult> {
  return await tested(async (signal) => {
    const client = new DataverseClient(dataverseCredential(credential.data));
    try {
      await client.whoAmI({ signal });
      const tables = await client.listTables({ signal });
      const tracked = tables.filter((table) => table.changeTracking).length;
      return `Signed in. ${tables.length} tables can be seen, ${tracked} of them with change tracking.`;
    } finally {
      client.close();
    }
  });
}

/**
 * `methods.credentialTest.testAdobeCampaignApi`, named by `testedBy: 'testAdobeCampaignApi'`. Signs in and lists a profile, which
 * needs the right API key, tenant and product profile.
 */
export async function testAdobeCampaignApi(
  this: ICredentialTestFunctions,
  credential: Credential,
): Promise<INodeCredentialTestResult> {
  return await tested(async (signal) => {
    const client = new CampaignClient(campaignCredential(credential.data));
    try {
      await client.probe(undefined, { signal });
      return 'Signed in, and profiles can be read.';
    } finally {
      client.close();
    }
  });
}

async function tested(test: (signal: AbortSignal) => Promise<string>): Promise<INodeCredentialTestResult> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    return { status: 'OK', message: await test(signal) };
  } catch (error) {
    if (signal.aborted) {
      return {
        status: 'Error',
        message: `No usable response within ${PATIENCE_MS / 1000} seconds. Check the URLs, and that this machine may reach them.`,
      };
    }
    // Only our own messages are known to hold no secret.
    if (!(error instanceof SyncError)) return { status: 'Error', message: 'The test failed for an unknown reason.' };
    return { status: 'Error', message: error.fullText };
  }
}
