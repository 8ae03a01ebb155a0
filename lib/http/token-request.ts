import { ConfigurationError, RetriableError, type SyncError } from '../core/errors';
import { HttpClient, type HttpResponse } from './http-client';
import type { ClientDependencies } from './dependencies';
import { isGatewayStatus } from './retry';
import { TokenSource, type Token } from './token-source';

export interface TokenRequest {
  /** The system's name in errors, e.g. `Microsoft Entra ID`. */
  readonly system: string;
  readonly url: string;
  /** Fields of the form (client id, secret, scope); `grant_type` is added. */
  readonly form: Readonly<Record<string, string>>;
  /** Explains a refusal: the response's `error` and `error_description`. */
  readonly explain: (error: string, description: string) => { readonly code: string; readonly hint: string };
}

/** Tokens of the OAuth client-credentials flow, kept and renewed. */
export function clientCredentialsTokens(
  request: TokenRequest,
  dependencies: Partial<ClientDependencies> & Pick<ClientDependencies, 'now'>,
): TokenSource {
  const client = new HttpClient({
    system: request.system,
    limits: { maxConcurrency: 1, maxPerSecond: 0 },
    isTransient: ({ status }) => isGatewayStatus(status) || status === 500,
    retry: { attempts: 4 },
    timeoutMs: 30_000,
    dependencies,
  });
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...request.form }).toString();
  return new TokenSource(async () => {
    const response = await client.send({
      method: 'POST',
      url: request.url,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body,
      purpose: 'sign in',
      idempotent: true,
    });
    return tokenFrom(response, request);
  }, dependencies.now);
}

/** @throws ConfigurationError SIGN_IN_REFUSED and what `explain` names; RetriableError SIGN_IN_UNAVAILABLE */
function tokenFrom(response: HttpResponse, request: TokenRequest): Token {
  const json = objectIn(response.text);
  const token = json?.['access_token'];
  if (response.status === 200 && typeof token === 'string' && token !== '') {
    const expiresIn = Number(json?.['expires_in']);
    return { value: token, expiresInSeconds: Number.isFinite(expiresIn) && expiresIn > 0 ? expiresIn : 3600 };
  }
  throw refusal(response, json, request);
}

function refusal(response: HttpResponse, json: Record<string, unknown> | undefined, request: TokenRequest): SyncError {
  const { system } = request;
  if (response.status === 429 || response.status >= 500) {
    return new RetriableError(
      'SIGN_IN_UNAVAILABLE',
      `${system} could not give a token for now (HTTP ${response.status})`,
      {
        retryAfterMs: response.retryAfterMs,
        hint: 'Interruptions pass by themselves. Test the credential again in some minutes.',
      },
    );
  }
  const error = typeof json?.['error'] === 'string' ? json['error'] : '';
  const description = typeof json?.['error_description'] === 'string' ? json['error_description'] : '';
  if (!json || (error === '' && response.status !== 400 && response.status !== 401)) {
    return new ConfigurationError(
      'LOGIN_URL_WRONG',
      `${system} did not answer as a sign-in service (HTTP ${response.status})`,
      {
        hint: `Check the login URL in the credential: ${new URL(request.url).origin} was asked.`,
      },
    );
  }
  const { code, hint } = request.explain(error, description);
  const shown = /^[a-z_]{3,40}$/.test(error) ? `, ${error}` : '';
  return new ConfigurationError(code, `${system} refused the sign-in (HTTP ${response.status}${shown})`, { hint });
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
