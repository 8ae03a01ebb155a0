import { campaignCredential } from '../../../lib/campaign/credential';

const raw = { clientId: 'client', clientSecret: 'secret', tenant: 'geometrixx' };

describe('the credential of Adobe Campaign', () => {
  it('is taken with blanks around its client ID, which are cut off later', () => {
    expect(campaignCredential({ ...raw, clientId: ' client\n' })).toMatchObject({ clientId: ' client\n' });
  });

  // It travels in a header: sent as it is, the request itself would fail with an error of Node's own.
  it.each(['', ' ', 'abc–def', 'ab cd', 'ab\u00a0cd', 'a\r\nb'])(
    'names a client ID that can be none: %j',
    (clientId) => {
      expect(() => campaignCredential({ ...raw, clientId })).toThrow(
        expect.objectContaining({
          code: 'CREDENTIAL_INCOMPLETE',
          message: expect.stringContaining('"Client ID"') as string,
        }),
      );
    },
  );
});
