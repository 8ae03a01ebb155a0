import {
  getCampaignClient,
  getDataverseClient,
  type CredentialContext,
} from '../../../nodes/shared/clients-from-credentials';

const dynamics = {
  url: 'https://contoso.crm4.dynamics.com',
  tenantId: 't',
  clientId: 'c',
  clientSecret: 's',
  loginUrl: '',
};
const campaign = { clientId: 'c', clientSecret: 's', tenant: 'geometrixx', product: 'v8' };
const context = (credential: object) => ({ getCredentials: async () => credential }) as unknown as CredentialContext;

describe('clients from credentials', () => {
  it('are shared by all nodes whose credential has the same content', async () => {
    const one = await getDataverseClient(context(dynamics));
    const other = await getDataverseClient(context({ ...dynamics, accessToken: 'renewed by n8n meanwhile' }));
    expect(other).toBe(one);
    expect(await getCampaignClient(context(campaign))).toBe(await getCampaignClient(context({ ...campaign })));
  });

  it.each([{ clientSecret: 'other' }, { url: 'https://fabrikam.crm.dynamics.com' }, { maxConcurrency: 3 }])(
    'are not shared when the credential differs in %j',
    async (difference) => {
      const one = await getDataverseClient(context(dynamics));
      expect(await getDataverseClient(context({ ...dynamics, ...difference }))).not.toBe(one);
    },
  );

  it.each([
    [{ clientSecret: '' }, 'Client Secret'],
    [{ url: undefined }, 'Organization URL'],
    [{ maxConcurrency: 0 }, 'Requests in Flight'],
    [{ maxRequestsPerSecond: 'many' }, 'Requests per Second'],
  ])('name the field that is wrong: %j', async (difference, field) => {
    await expect(getDataverseClient(context({ ...dynamics, ...difference }))).rejects.toMatchObject({
      code: 'CREDENTIAL_INCOMPLETE',
      message: expect.stringContaining(`"${field}"`),
    });
  });
});
