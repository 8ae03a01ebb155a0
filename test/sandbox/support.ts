import { startSandbox, type SandboxHandle, type SandboxOptions } from '../../sandbox/start';

export interface SeenResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON; undefined where it is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<SeenResponse>;

export interface TestSandbox {
  readonly handle: SandboxHandle;
  /** Below `/api/data/v9.2/`, or a whole link; with a token. */
  readonly dataverse: Call;
  /** Below `/<tenant>/campaign/`, or a whole link; with a token and the API key. */
  readonly campaign: Call;
  /** Below the control interface. */
  readonly control: Call;
  /** Moves the sandbox's clock. */
  advance(ms: number): void;
  /** Back to the state and the time of the start. */
  reset(): void;
  close(): Promise<void>;
}

/** Starts a sandbox with a clock of its own, signed in to both systems. */
export async function openSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const start = Date.parse('2026-03-01T10:00:00.250Z');
  let now = start;
  const handle = await startSandbox({ ...options, now: () => now });
  const { dynamics365, adobeCampaign } = handle;
  const dataverseToken = await signInToEntra(handle);
  const campaignToken = await signInToIms(handle);
  return {
    handle,
    dataverse: (method, path, body, headers) =>
      request(method, path.startsWith('http') ? path : `${dynamics365.url}/api/data/v9.2/${path}`, body, {
        authorization: `Bearer ${dataverseToken}`,
        ...headers,
      }),
    campaign: (method, path, body, headers) =>
      request(
        method,
        path.startsWith('http') ? path : `${adobeCampaign.apiUrl}/${adobeCampaign.tenant}/campaign/${path}`,
        body,
        { authorization: `Bearer ${campaignToken}`, 'x-api-key': adobeCampaign.clientId, ...headers },
      ),
    control: (method, path, body) => request(method, handle.controlUrl + path, body, {}),
    advance: (ms) => {
      now += ms;
    },
    reset: () => {
      now = start;
      handle.reset();
    },
    close: () => handle.close(),
  };
}

export async function signInToEntra(handle: SandboxHandle, changes: Record<string, string> = {}): Promise<string> {
  const { loginUrl, tenantId, clientId, clientSecret, url } = handle.dynamics365;
  const response = await form(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${url}/.default`,
    ...changes,
  });
  return response.body.access_token as string;
}

export async function signInToIms(handle: SandboxHandle, changes: Record<string, string> = {}): Promise<string> {
  const { imsUrl, clientId, clientSecret, scopes } = handle.adobeCampaign;
  const response = await form(`${imsUrl}/ims/token/v3`, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: scopes,
    ...changes,
  });
  return response.body.access_token as string;
}

export async function form(url: string, fields: Record<string, string>): Promise<SeenResponse> {
  return toSeenResponse(await fetch(url, { method: 'POST', body: new URLSearchParams(fields) }));
}

async function request(
  method: string,
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<SeenResponse> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  return toSeenResponse(response);
}

async function toSeenResponse(response: Response): Promise<SeenResponse> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, headers: response.headers, text, body };
}

/** Follows nextLinks to the end. */
export async function readPages(
  sandbox: TestSandbox,
  first: string,
  prefer: string,
): Promise<{ rows: Record<string, unknown>[]; pages: SeenResponse[]; deltaLinks: string[] }> {
  const pages: SeenResponse[] = [];
  const rows: Record<string, unknown>[] = [];
  const deltaLinks: string[] = [];
  for (let link: string | undefined = first; link !== undefined;) {
    const page = await sandbox.dataverse('GET', link, undefined, { prefer });
    pages.push(page);
    rows.push(...((page.body.value as Record<string, unknown>[] | undefined) ?? []));
    if (page.body['@odata.deltaLink']) deltaLinks.push(page.body['@odata.deltaLink'] as string);
    link = page.body['@odata.nextLink'] as string | undefined;
  }
  return { rows, pages, deltaLinks };
}
