import { clientCredentialsTokens } from '../../../lib/http/token-request';
import { errorOf } from '../../support/errors';
import { fakeTime } from '../../support/test-clock';
import { scriptedServer, type Reply } from '../../support/scripted-server';

type Server = Awaited<ReturnType<typeof scriptedServer>>;

let server: Server;
afterEach(() => server.close());

/** Asks a server that gives this response for a token. */
async function ask(reply: Reply): Promise<string> {
  server = await scriptedServer(reply);
  const explain = (error: string, description: string) => ({ code: 'EXPLAINED', hint: `${error}|${description}` });
  const form = { client_id: 'the-client', client_secret: 'the-secret' };
  return clientCredentialsTokens({ system: 'The IdP', url: `${server.url}/token`, form, explain }, fakeTime()).get();
}
const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) });

describe('clientCredentialsTokens', () => {
  it('posts the form with its grant type, and gives the token', async () => {
    expect(await ask(json(200, { access_token: 'the-token', expires_in: 3600 }))).toBe('the-token');
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/token',
      body: 'grant_type=client_credentials&client_id=the-client&client_secret=the-secret',
    });
  });

  it.each([
    ['RetriableError', 'SIGN_IN_UNAVAILABLE', { status: 429 }],
    ['RetriableError', 'SIGN_IN_UNAVAILABLE', { status: 503, body: '<html>' }],
    ['ConfigurationError', 'LOGIN_URL_WRONG', { status: 200, body: '<html>' }],
    ['ConfigurationError', 'LOGIN_URL_WRONG', { status: 400, body: 'no JSON' }],
    ['ConfigurationError', 'LOGIN_URL_WRONG', json(404, { message: 'no such path' })],
    ['ConfigurationError', 'LOGIN_URL_WRONG', json(200, { access_token: '' })],
    ['ConfigurationError', 'LOGIN_URL_WRONG', json(200, { access_token: 'no header\r\nmay hold: this' })],
    ['ConfigurationError', 'EXPLAINED', json(400, {})],
    ['ConfigurationError', 'EXPLAINED', json(401, { error: 'invalid_client' })],
    ['ConfigurationError', 'EXPLAINED', json(403, { error: 'invalid_scope' })],
  ] as [string, string, Reply][])('takes for a %s %s: %j', async (name, code, reply) => {
    expect(await errorOf(ask(reply))).toMatchObject({ name, code });
  });

  it('says what the system answered and what that means', async () => {
    const error = await errorOf(ask(json(401, { error: 'invalid_client', error_description: 'AADSTS7000215' })));
    expect(error).toMatchObject({
      message: 'The IdP refused the sign-in (HTTP 401, invalid_client).',
      hint: 'invalid_client|AADSTS7000215',
    });
  });

  it('names the server that was asked where no sign-in service answers', async () => {
    expect((await errorOf(ask({ status: 404 }))).hint).toContain(`${server.url} was asked`);
  });

  it.each(['the-secret', 'Two words', 'x'.repeat(100)])(
    'does not repeat an error that is no code: %s',
    async (text) => {
      expect((await errorOf(ask(json(400, { error: text })))).message).toBe('The IdP refused the sign-in (HTTP 400).');
    },
  );
});
