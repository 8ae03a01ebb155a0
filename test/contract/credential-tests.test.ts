import type { ICredentialTestFunctions } from 'n8n-workflow';
import { testAdobeCampaignApi, testDynamics365Api } from '../../nodes/shared/credential-tests';
import { startSystems, type Systems } from './systems';

let systems: Systems;
beforeAll(async () => {
  systems = await startSystems();
});
afterAll(() => systems.close());

const context = {} as ICredentialTestFunctions;
const press = (test: typeof testDynamics365Api, type: string, data: object) =>
  test.call(context, { id: '1', name: 'x', type, data: data as Record<string, string> });

describe('the test button of Dynamics 365 API', () => {
  const pressed = (overrides: object = {}) =>
    press(testDynamics365Api, 'dynamics365Api', { ...systems.sandbox.dynamics365, ...overrides });

  it('says what can be seen', async () => {
    expect(await pressed()).toEqual({ status: 'OK', message: expect.stringMatching(/\d+ tables.*change tracking/) });
  });

  it.each([
    [{ clientSecret: 'wrong' }, /client secret is wrong/i],
    [{ clientId: '11111111-2222-3333-4444-555555555555' }, /no app registration with this client ID/],
    [{ tenantId: '11111111-2222-3333-4444-555555555555' }, /tenant ID/],
    [{ clientSecret: '' }, /"Client Secret".*empty/],
    [{ url: 'not a url' }, /"Organization URL" is not a URL/],
    [{ url: 'http://contoso.crm4.dynamics.com' }, /https/],
  ])('explains %j', async (overrides, message) => {
    const result = await pressed(overrides);
    expect(result).toEqual({ status: 'Error', message: expect.stringMatching(message) });
    expect(result.message).not.toContain(systems.sandbox.dynamics365.clientSecret);
  });

  it('explains a URL that leads elsewhere', async () => {
    // The sign-in service is no Dynamics 365, and no resource that Entra knows.
    const result = await pressed({ url: systems.sandbox.dynamics365.loginUrl });
    expect(result).toEqual({ status: 'Error', message: expect.stringMatching(/organization URL/i) });
  });
});

describe('the test button of Adobe Campaign API', () => {
  const pressed = (overrides: object = {}) =>
    press(testAdobeCampaignApi, 'adobeCampaignApi', { ...systems.sandbox.adobeCampaign, ...overrides });

  it('says that profiles can be read', async () => {
    expect(await pressed()).toEqual({ status: 'OK', message: expect.stringContaining('profiles can be read') });
  });

  it.each([
    [{ clientSecret: 'wrong' }, /client secret/i],
    [{ scopes: 'unknown' }, /scopes/],
    [{ scopes: 'openid' }, /product profile/],
    [{ tenant: 'another' }, /tenant/],
    [{ tenant: '' }, /"Tenant".*empty/],
  ])(
    'explains %j',
    async (overrides, message) => {
      expect(await pressed(overrides)).toEqual({ status: 'Error', message: expect.stringMatching(message) });
    },
    30_000,
  );
});
