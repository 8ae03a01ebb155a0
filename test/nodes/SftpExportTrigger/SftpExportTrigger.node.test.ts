import type { ITriggerFunctions } from 'n8n-workflow';
import { processWide } from '../../../nodes/shared/process-wide';
import { SftpExportTrigger } from '../../../nodes/SftpExportTrigger/SftpExportTrigger.node';

const CREDENTIAL = { host: '127.0.0.1', port: 1, user: 'me', authentication: 'password', password: 'p' };

/** n8n's context for a trigger with these parameters and this credential. */
function contextOf(more: { mode?: string; parameters?: object; credential?: object; staticData?: object } = {}) {
  const parameters: Record<string, unknown> = { folder: 'exports', pattern: '*.txt', ...more.parameters };
  return {
    getMode: () => more.mode ?? 'trigger',
    getActivationMode: () => 'activate',
    getNode: () => ({ name: 'Exports', id: 'n', type: 't', typeVersion: 1, position: [0, 0], parameters: {} }),
    getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
    getWorkflowSettings: () => ({}),
    getWorkflow: () => ({ id: 'w' }),
    getWorkflowStaticData: () => more.staticData ?? {},
    getCredentials: async () => ({ ...CREDENTIAL, ...more.credential }),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined },
    helpers: {},
    saveFailedExecution: () => undefined,
    emitError: (error: Error) => {
      throw error;
    },
  } as unknown as ITriggerFunctions;
}

const activation = (context: ITriggerFunctions) => new SftpExportTrigger().trigger.call(context);

describe('the SFTP Export Trigger at activation', () => {
  afterEach(() => processWide().progress.clear());

  it.each([
    ['a wrong setting', { parameters: { doneFolder: '.' } }, /doneFolder: is the watched folder\. .*SETTINGS_INVALID/],
    [
      'an incomplete credential',
      { credential: { password: '' } },
      /is not complete: the password is empty\. Open the credential and fill in the field\. \(SFTP_CREDENTIAL\)/,
    ],
    [
      'a fingerprint in another form',
      { credential: { hostKeyFingerprint: 'MD5:aa:bb' } },
      /is not in the form SHA256:\.\.\. Leave it empty .*\(HOST_KEY_FORMAT\)/s,
    ],
  ])('says in the one line that n8n shows what to do about %s, with its code', async (_what, more, message) => {
    await expect(activation(contextOf(more))).rejects.toThrow(message);
  });

  it('starts although the server is out of reach for now, and ends when it is closed', async () => {
    const { closeFunction } = (await activation(contextOf({ credential: { hostKeyFingerprint: '' } })))!;
    expect(closeFunction).toBeDefined();
    await closeFunction!();
  });

  it('is refused with hint and code when its stored progress can not be read', async () => {
    const staticData = { 'sftpExportTrigger:n': { version: 99 } };
    await expect(activation(contextOf({ staticData }))).rejects.toThrow(
      /can not be read\. It was written by a newer version.*\(STATE_UNREADABLE\)/s,
    );
  });
});
