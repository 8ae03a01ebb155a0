import { json, parseForm, type Reply, type Service } from '../http/service';
import type { Settings } from '../settings';
import type { Tokens } from './tokens';

export interface EntraClient {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Microsoft Entra's token endpoint for client credentials. `organizationUrl`: the resource for which it gives tokens. */
export function entraService(
  client: EntraClient,
  organizationUrl: () => string,
  tokens: Tokens,
  settings: Settings,
): Service {
  const refuse = (status: number, error: string, code: number, text: string): Reply =>
    json(status, {
      error,
      error_description: `AADSTS${code}: ${text}`,
      error_codes: [code],
      correlation_id: '6f1c2c1e-0000-4000-8000-000000000000',
    });

  return {
    system: 'entra',
    kind: (incoming) => `token.${incoming.method}`,
    faultBody: (status) => JSON.stringify({ error: 'temporarily_unavailable', error_codes: [90033], status }),
    handle(incoming) {
      const path = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(incoming.path);
      if (!path) return { status: 404 };
      if (incoming.method !== 'POST') {
        return refuse(405, 'invalid_request', 900561, 'The endpoint only accepts POST requests.');
      }
      if (path[1] !== client.tenantId) {
        return refuse(
          400,
          'invalid_request',
          90002,
          `Tenant '${path[1]}' not found. Check to make sure you have the correct tenant ID.`,
        );
      }
      const form = parseForm(incoming);
      for (const name of ['grant_type', 'client_id', 'scope']) {
        if (!form.get(name)) {
          return refuse(
            400,
            'invalid_request',
            900144,
            `The request body must contain the following parameter: '${name}'.`,
          );
        }
      }
      if (form.get('grant_type') !== 'client_credentials') {
        return refuse(
          400,
          'unsupported_grant_type',
          70003,
          `The app requested an unsupported grant type '${form.get('grant_type')}'.`,
        );
      }
      if (form.get('client_id') !== client.clientId) {
        return refuse(
          400,
          'unauthorized_client',
          700016,
          `Application with identifier '${form.get('client_id')}' was not found in the directory.`,
        );
      }
      if (!form.get('client_secret')) {
        return refuse(
          401,
          'invalid_client',
          7000218,
          "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        );
      }
      if (form.get('client_secret') !== (settings.entra.clientSecret ?? client.clientSecret)) {
        return refuse(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
      }
      const scope = form.get('scope') ?? '';
      if (!scope.endsWith('/.default')) {
        return refuse(400, 'invalid_scope', 1002012, `The provided value for scope ${scope} is not valid.`);
      }
      if (scope.slice(0, -'/.default'.length).replace(/\/$/, '') !== organizationUrl()) {
        return refuse(
          400,
          'invalid_resource',
          500011,
          `The resource principal named ${scope.slice(0, -9)} was not found in the tenant.`,
        );
      }
      const lifetime = settings.entra.tokenLifetimeSeconds;
      return json(
        200,
        {
          token_type: 'Bearer',
          expires_in: lifetime,
          ext_expires_in: lifetime,
          access_token: tokens.issue(client.clientId, [scope], lifetime),
        },
        { 'Cache-Control': 'no-store, no-cache' },
      );
    },
  };
}
