import { json, parseForm, parseQuery, type Service } from '../http/service';
import type { Settings } from '../settings';
import type { Tokens } from './tokens';

export interface ImsClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Those that the client's project has; a request may ask for fewer. */
  readonly scopes: readonly string[];
}

/** Adobe's IMS token endpoint for OAuth server-to-server credentials. */
export function imsService(client: ImsClient, tokens: Tokens, settings: Settings): Service {
  const refuse = (error: string, text: string) => json(400, { error, error_description: text });
  return {
    system: 'ims',
    kind: (incoming) => `token.${incoming.method}`,
    faultBody: () => JSON.stringify({ error: 'server_error' }),
    handle(incoming) {
      if (incoming.path !== '/ims/token/v3') return { status: 404 };
      if (incoming.method !== 'POST') return json(405, { error: 'method_not_allowed' });
      // IMS takes the parameters from the query as well.
      const form = new Map([...parseQuery(incoming.query), ...parseForm(incoming)]);
      if (form.get('grant_type') !== 'client_credentials') {
        return refuse('unsupported_grant_type', `unsupported grant type: ${form.get('grant_type') ?? ''}`);
      }
      if (form.get('client_id') !== client.clientId) return refuse('invalid_client', 'invalid client_id parameter');
      if (form.get('client_secret') !== (settings.ims.clientSecret ?? client.clientSecret)) {
        return refuse('invalid_client', 'invalid client_secret parameter');
      }
      const asked = (form.get('scope') ?? '').split(/[ ,]+/).filter((scope) => scope !== '');
      if (asked.length === 0 || asked.some((scope) => !client.scopes.includes(scope))) {
        return refuse('invalid_scope', 'invalid scope');
      }
      const lifetime = settings.ims.tokenLifetimeSeconds;
      return json(200, {
        access_token: tokens.issue(client.clientId, asked, lifetime),
        token_type: 'bearer',
        expires_in: lifetime,
      });
    },
  };
}
