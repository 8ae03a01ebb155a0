import { ConfigurationError, RetriableError, type SyncError } from '../core/errors';
import { keepSecret } from '../core/secrets';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether any traffic of this process may have to go through a proxy. */
export function proxyInEnvironment(environment: Environment = process.env): boolean {
  return ['http:', 'https:'].some((protocol) => variableFor(protocol, environment) !== undefined);
}

/**
 * The environment variable that names the proxy for a URL, e.g. `HTTPS_PROXY`; undefined where none does, or where
 * `NO_PROXY` excepts the host.
 */
export function proxyVariable(url: string, environment: Environment = process.env): string | undefined {
  const { protocol, hostname } = new URL(url);
  const excepted = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/).some((entry) => {
    const host = entry.replace(/^\*?\.?/, '').replace(/:\d+$/, '');
    return entry === '*' || (host !== '' && (hostname === host || hostname.endsWith(`.${host}`)));
  });
  return excepted ? undefined : variableFor(protocol, environment);
}

function variableFor(protocol: string, environment: Environment): string | undefined {
  const name = `${protocol.slice(0, -1)}_proxy`;
  return [name, name.toUpperCase(), 'all_proxy', 'ALL_PROXY'].find((each) => environment[each]);
}

/** The passwords of proxies are no part of any message. */
export function keepProxyPasswords(environment: Environment = process.env): void {
  for (const protocol of ['http:', 'https:']) {
    const value = environment[variableFor(protocol, environment) ?? ''];
    if (value === undefined || !URL.canParse(value)) continue;
    const { password } = new URL(value);
    keepSecret(password);
    keepSecret(decoded(password));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface ProxyReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

const PRODUCTS =
  /squid|zscaler|blue ?coat|proxy|mcafee|skyhigh|forcepoint|websense|fortigate|netskope|ironport|wsa|sophos|barracuda|privoxy/i;

/**
 * Whether a response of 400 and above is a proxy's own. Proxies answer with web pages, and name themselves in `Via` or
 * `Server`; what answers a CONNECT takes the place of the server's response.
 */
export function isFromProxy({ status, headers, text }: ProxyReply, url: string): boolean {
  if (status === 407 || headers['proxy-authenticate'] !== undefined || headers['x-squid-error'] !== undefined) {
    return true;
  }
  if (![403, 502, 503, 504, 511].includes(status)) return false;
  const isPage = /^\s{0,100}</.test(text) || /\bhtml\b/i.test(headers['content-type'] ?? '');
  const named = PRODUCTS.test(`${headers['via'] ?? ''} ${headers['server'] ?? ''}`.slice(0, 500));
  const may = proxyVariable(url) !== undefined && (headers['via'] !== undefined || status !== 403);
  return (isPage || text.trim() === '') && (named || may);
}

export interface ProxiedRequest {
  /** The system that was to be reached, as errors name it. */
  readonly system: string;
  readonly url: string;
  readonly purpose: string;
  readonly idempotent: boolean;
}

/** The error for a response that {@link isFromProxy} says is a proxy's own. */
export function proxyError({ status }: Pick<ProxyReply, 'status'>, request: ProxiedRequest): SyncError {
  const { system, url, purpose, idempotent } = request;
  const { host } = new URL(url);
  const hint = proxyHint(url);
  if (status < 500) {
    const what = status === 407 ? 'demands a sign-in of its own' : 'does not let the request through';
    return new ConfigurationError(
      'PROXY_REFUSED',
      `The proxy between n8n and ${system} at ${host} ${what}, so n8n could not ${purpose} (HTTP ${status}).`,
      { hint },
    );
  }
  if (!idempotent) {
    return new RetriableError(
      'WRITE_UNCERTAIN',
      `The proxy between n8n and ${system} at ${host} failed to ${purpose} (HTTP ${status}); it is not known whether it was done.`,
      { hint },
    );
  }
  return new RetriableError(
    'PROXY_UNAVAILABLE',
    `The proxy between n8n and ${system} at ${host} could not pass on the request to ${purpose} (HTTP ${status}).`,
    { hint },
  );
}

/** Names the variable, never what stands in it: it may hold a password. */
export function proxyHint(url: string): string {
  const variable = proxyVariable(url);
  return variable === undefined
    ? 'No environment variable of n8n names a proxy for this host: ask who runs the network to let n8n through to it.'
    : `The environment variable ${variable} of n8n names this proxy: check its address, user and password there, or except the host with NO_PROXY.`;
}
