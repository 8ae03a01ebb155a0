import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialType, IHttpRequestHelper } from 'n8n-workflow';
import { AdobeCampaignApi } from '../../credentials/AdobeCampaignApi.credentials';
import { Dynamics365Api } from '../../credentials/Dynamics365Api.credentials';

const data = {
  Dynamics365Api: {
    url: 'https://contoso.crm4.dynamics.com/',
    tenantId: 'tenant',
    clientId: 'id',
    clientSecret: 's3cret!',
    loginUrl: '',
  },
  AdobeCampaignApi: { clientId: 'id', clientSecret: 's3cret!', tenant: 'geometrixx', scopes: 'a, b', imsUrl: '' },
};

const requests = {
  Dynamics365Api: {
    url: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
    body: 'grant_type=client_credentials&client_id=id&client_secret=s3cret%21&scope=https%3A%2F%2Fcontoso.crm4.dynamics.com%2F.default',
  },
  AdobeCampaignApi: {
    url: 'https://ims-na1.adobelogin.com/ims/token/v3',
    body: 'grant_type=client_credentials&client_id=id&client_secret=s3cret%21&scope=a%2Cb',
  },
};

const helper = (response: object) => {
  const httpRequest = jest.fn(async () => response);
  return { httpRequest, context: { helpers: { httpRequest } } as unknown as IHttpRequestHelper };
};

describe.each<[keyof typeof data, ICredentialType]>([
  ['Dynamics365Api', new Dynamics365Api()],
  ['AdobeCampaignApi', new AdobeCampaignApi()],
])('%s', (name, type) => {
  const token = type.preAuthentication as NonNullable<ICredentialType['preAuthentication']>;

  it('hides its secrets in the panel', () => {
    const secret = type.properties.filter(
      (property) => /secret|token/i.test(property.name) && property.name !== 'tenantId',
    );
    expect(secret.length).toBeGreaterThan(1);
    for (const property of secret) expect(property.typeOptions?.password).toBe(true);
  });

  it('has icons that exist', () => {
    const icon = type.icon as { light: string; dark: string };
    for (const file of [icon.light, icon.dark]) {
      expect(existsSync(join(__dirname, '../../credentials', file.replace('file:', '')))).toBe(true);
    }
  });

  it("fetches a token for n8n's HTTP Request node", async () => {
    const { httpRequest, context } = helper({ statusCode: 200, body: { access_token: 'the-token' } });
    expect(await token.call(context, data[name])).toEqual({ accessToken: 'the-token' });
    expect(httpRequest).toHaveBeenCalledWith(expect.objectContaining({ method: 'POST', ...requests[name] }));
  });

  it('takes a response that n8n gives as text', async () => {
    const { context } = helper({ statusCode: 200, body: '{"access_token":"the-token"}' });
    expect(await token.call(context, data[name])).toEqual({ accessToken: 'the-token' });
  });

  it.each([
    { statusCode: 401, body: { error: 'invalid_client', error_description: 's3cret! is wrong' } },
    { statusCode: 200, body: '<html>' },
    { statusCode: 200, body: { access_token: '' } },
  ])('says that the sign-in was refused, without the secret: %j', async (response) => {
    const call = token.call(helper(response).context, data[name]);
    await expect(call).rejects.toThrow(/^The sign-in was refused \(HTTP \d+\)((?!s3cret).)*$/);
  });

  it('has the token in an expirable field, so that n8n renews it on 401', () => {
    const [hidden] = type.properties.filter(({ type: kind }) => kind === 'hidden');
    expect(hidden).toMatchObject({ name: 'accessToken', typeOptions: { expirable: true }, default: '' });
    expect(JSON.stringify(type.authenticate)).toContain('$credentials.accessToken');
  });
});
