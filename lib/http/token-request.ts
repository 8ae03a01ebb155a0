import { errorFrom, type ErrorTable } from '../core/error-table';
import { ConfigurationError, type SyncError } from '../core/errors';
import { keepSecret } from '../core/secrets';
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
export function clientCredentialsTokens(request: TokenRequest, dependencies: ClientDependencies): TokenSource {
  const client = new HttpClient({
    system: request.system,
    secrets: [request.form['client_id'] ?? '', request.form['client_secret'] ?? ''],
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
  }, dependencies.clock);
}

/** @throws ConfigurationError SIGN_IN_REFUSED and what `explain` names; RetriableError SIGN_IN_UNAVAILABLE */
function tokenFrom(response: HttpResponse, request: TokenRequest): Token {
  const json = objectIn(response.text);
  const token = json?.['access_token'];
  // What can't stand in a header (RFC 6750, "b64token" and more) is no token.
  if (response.status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
    keepSecret(token);
    const expiresIn = Number(json?.['expires_in']);
    return { value: token, expiresInSeconds: Number.isFinite(expiresIn) && expiresIn > 0 ? expiresIn : 3600 };
  }
  throw refusal(response, json, request);
}

interface SignInFailure {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly system: string;
  /** Of the URL that was asked. */
  readonly origin: string;
  /** The response was a JSON object. */
  readonly isJson: boolean;
  /** The response's `error`; empty where it has none. */
  readonly error: string;
  /** What the system says that this refusal means. */
  readonly explained: () => { readonly code: string; readonly hint: string };
}

/** Of RFC 6749, of Entra and of IMS: a text that is none of them may be anything. */
const OAUTH_ERRORS: ReadonlySet<string> = new Set(
  `invalid_request invalid_client invalid_grant invalid_scope invalid_resource unauthorized_client access_denied
  unsupported_grant_type unsupported_response_type server_error temporarily_unavailable interaction_required
  consent_required`.split(/\s+/),
);

const SIGN_IN_ERRORS: ErrorTable<SignInFailure> = {
  rows: [
    {
      when: ({ status }) => status === 429 || status >= 500,
      consequence: 'retriable',
      code: 'SIGN_IN_UNAVAILABLE',
      message: ({ system, status }) => `${system} could not give a token for now (HTTP ${status}).`,
      hint: 'Interruptions pass by themselves. Test the credential again in some minutes.',
      details: ({ retryAfterMs }) => ({ retryAfterMs }),
    },
    {
      when: ({ isJson, error, status }) => !isJson || (error === '' && status !== 400 && status !== 401),
      consequence: 'configuration',
      code: 'LOGIN_URL_WRONG',
      message: ({ system, status }) => `${system} did not answer as a sign-in service (HTTP ${status}).`,
      hint: ({ origin }) => `Check the login URL in the credential: ${origin} was asked.`,
    },
  ],
  otherwise: {
    error: ({ system, status, error, explained }) => {
      const { code, hint } = explained();
      const shown = OAUTH_ERRORS.has(error) ? `, ${error}` : '';
      return new ConfigurationError(code, `${system} refused the sign-in (HTTP ${status}${shown}).`, { hint });
    },
  },
};

function refusal(response: HttpResponse, json: Record<string, unknown> | undefined, request: TokenRequest): SyncError {
  const error = textIn(json, 'error');
  return errorFrom(SIGN_IN_ERRORS, {
    status: response.status,
    retryAfterMs: response.retryAfterMs,
    system: request.system,
    origin: new URL(request.url).origin,
    isJson: json !== undefined,
    error,
    explained: () => request.explain(error, textIn(json, 'error_description')),
  });
}

function textIn(json: Record<string, unknown> | undefined, name: string): string {
  const value = json?.[name];
  return typeof value === 'string' ? value : '';
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
