import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';

type Credential = ICredentialsDecrypted<ICredentialDataDecryptedObject>;

/** `methods.credentialTest.testDynamics365Api` of every node that has the credential with `testedBy: 'testDynamics365Api'`. */
export async function testDynamics365Api(
  this: ICredentialTestFunctions,
  _credential: Credential,
): Promise<INodeCredentialTestResult> {
  throw new Error('not built yet');
}

/** `methods.credentialTest.testAdobeCampaignApi`, named by `testedBy: 'testAdobeCampaignApi'`. */
export async function testAdobeCampaignApi(
  this: ICredentialTestFunctions,
  _credential: Credential,
): Promise<INodeCredentialTestResult> {
  throw new Error('not built yet');
}
