import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  IExecuteFunctions,
  INodeCredentialTestResult,
  ITriggerFunctions,
} from 'n8n-workflow';
import { SyncError } from '../../lib/core/errors';
import { openSftp, type SftpConnection } from '../../lib/sftp/sftp-connection';
import { parseSftpSettings, type SftpSettings } from '../../lib/sftp/sftp-settings';

/** Reads the node's credential `campaignSftpApi`. Throws ConfigurationError when it is not complete. */
export async function getSftpSettings(
  context: Pick<IExecuteFunctions | ITriggerFunctions, 'getCredentials'>,
): Promise<SftpSettings> {
  return parseSftpSettings(await context.getCredentials('campaignSftpApi'));
}

/**
 * `methods.credentialTest.testCampaignSftpApi`: connects, logs in, and lists the user's folder. Without a fingerprint, or with another one
 * than the server's, the message shows the server's.
 */
export async function testCampaignSftpApi(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
): Promise<INodeCredentialTestResult> {
  let connection: SftpConnection | undefined;
  try {
    connection = await openSftp(parseSftpSettings(credential.data));
    // That it can be listed is enough: what lies there does not matter.
    await connection.list('.', () => false);
    return { status: 'OK', message: 'Connected, and the host key is the pinned one.' };
  } catch (error) {
    // Only our own messages are known to hold no secret.
    const message = error instanceof SyncError ? error.fullText : 'The test failed for an unknown reason.';
    return { status: 'Error', message };
  } finally {
    await connection?.close();
  }
}
