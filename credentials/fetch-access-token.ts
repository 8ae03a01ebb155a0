import type { IHttpRequestHelper } from 'n8n-workflow';

/**
 * A token of the OAuth client-credentials flow, by n8n's own HTTP client: for credentials used in n8n's HTTP Request node.
 *
 * @throws Error naming the status; never what was sent
 */
export async function fetchAccessToken(
  { helpers }: IHttpRequestHelper,
  request: { readonly url: string; readonly form: Readonly<Record<string, string>> },
): Promise<string> {
  const response: unknown = await helpers.httpRequest({
    method: 'POST',
    url: request.url,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...request.form }).toString(),
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
  });
  const { statusCode, body } = response as { statusCode?: unknown; body?: unknown };
  const token = tokenIn(body);
  if (statusCode === 200 && token !== undefined) return token;
  throw new Error(`The sign-in was refused (HTTP ${String(statusCode)}). Test the credential to see why.`);
}

/** n8n gives JSON as an object or, depending on the response's headers, as text. */
function tokenIn(body: unknown): string | undefined {
  if (typeof body === 'string') {
    return /"access_token"\s*:\s*"([^"\\]+)"/.exec(body)?.[1];
  }
  if (typeof body !== 'object' || body === null) return undefined;
  const token = (body as { access_token?: unknown }).access_token;
  return typeof token === 'string' && token !== '' ? token : undefined;
}
