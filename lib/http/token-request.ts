import { ConfigurationError, RetriableError, type SyncError } from '../core/errors';
import { HttpClient, type HttpAnswer } from './http-client';
import type { ClientDependencies } from './dependencies';
import { isGatewayStatus } from './retry';
import { TokenSource, type Token } from './token-source';

export interface TokenRequest {
  /** The system's name in errors, e.g. `Microsoft Entra ID`. */
  readonly system: string;
  readonly url: string;
  /** Fields of the form (client id, secret, scope); `grant_type` is added. */
  readonly form: Readonly<Record<string, string>>;
  /** Explains a refusal: the answer's `error` and `error_description`. */
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
    const answer = await client.send({
      method: 'POST',
      url: request.url,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body,
      purpose: 'sign in',
      idempotent: true,
    });
    return tokenFrom(answer, request);
  }, dependencies.now);
}

/** @throws ConfigurationError SIGN_IN_REFUSED and what `explain` names; RetriableError SIGN_IN_UNAVAILABLE */
function tokenFrom(answer: HttpAnswer, request: TokenRequest): Token {
  const json = objectIn(answer.text);
  const token = json?.['access_token'];
  if (answer.status === 200 && typeof token === 'string' && token !== '') {
    const expiresIn = Number(json?.['expires_in']);
    return { value: token, expiresInSeconds: Number.isFinite(expiresIn) && expiresIn > 0 ? expiresIn : 3600 };
  }
  throw refusal(answer, json, request);
}

function refusal(answer: HttpAnswer, json: Record<string, unknown> | undefined, request: TokenRequest): SyncError {
  const { system } = request;
  if (answer.status === 429 || answer.status >= 500) {
    return new RetriableError(
      'SIGN_IN_UNAVAILABLE',
      `${system} could not give a token for now (HTTP ${answer.status})`,
      {
        retryAfterMs: answer.retryAfterMs,
        hint: 'Interruptions pass by themselves. Test the credential again in some minutes.',
      },
    );
  }
  const error = typeof json?.['error'] === 'string' ? json['error'] : '';
  const description = typeof json?.['error_description'] === 'string' ? json['error_description'] : '';
  if (!json || (error === '' && answer.status !== 400 && answer.status !== 401)) {
    return new ConfigurationError(
      'LOGIN_URL_WRONG',
      `${system} did not answer as a sign-in service (HTTP ${answer.status})`,
      {
        hint: `Check the login URL in the credential: ${new URL(request.url).origin} was asked.`,
      },
    );
  }
  const { code, hint } = request.explain(error, description);
  const shown = /^[a-z_]{3,40}$/.test(error) ? `, ${error}` : '';
  return new ConfigurationError(code, `${system} refused the sign-in (HTTP ${answer.status}${shown})`, { hint });
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
