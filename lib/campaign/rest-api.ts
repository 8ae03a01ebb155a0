import { baseUrl } from '../http/base-url';
import type { CallOptions } from '../http/call-options';
import { systemDependencies, type ClientDependencies } from '../http/dependencies';
import { HttpClient, type HttpResponse, type HttpMethod } from '../http/http-client';
import { isWebPage } from '../http/web-page';
import { ConfigurationError } from '../core/errors';
import type { CampaignCredential } from './credential';
import { campaignError, isTransientInCampaign } from './errors';
import type { CampaignBody, CampaignRecord, ResourceRef } from './records';
import { campaignTokens, DEFAULT_API_URL } from './sign-in';

export interface Call {
  readonly method: HttpMethod;
  readonly url: string;
  readonly purpose: string;
  readonly body?: CampaignBody;
}

/** Requests to the REST API of one instance: signed in, limited, repeated where that is right. */
export class RestApi {
  /** Address of the instance, with a slash at its end. */
  readonly root: string;
  private readonly http: HttpClient;

  constructor(credential: CampaignCredential, dependencies: Partial<ClientDependencies>) {
    const tenant = credential.tenant.trim();
    if (!/^[\w-]+$/.test(tenant)) {
      throw new ConfigurationError('TENANT_INVALID', 'The credential\'s field "Tenant" is empty or no tenant name.', {
        hint: "It is the part of Campaign's API addresses after the host, e.g. geometrixx or geometrixx-mkt-stage.",
      });
    }
    this.root = `${baseUrl(credential.apiUrl || DEFAULT_API_URL, 'API URL', { keepPath: true })}/${tenant}/campaign/`;
    const all = { ...systemDependencies, ...dependencies };
    this.http = new HttpClient({
      system: 'Adobe Campaign',
      secrets: [credential.clientId, credential.clientSecret],
      tokens: campaignTokens(credential, all),
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json;charset=utf-8',
        'Cache-Control': 'no-cache',
        'X-Api-Key': credential.clientId.trim(),
        'Accept-Encoding': 'gzip',
      },
      limits: {
        maxConcurrency: credential.maxConcurrency || 10,
        maxPerSecond: credential.maxRequestsPerSecond ?? 0,
      },
      isTransient: isTransientInCampaign,
      dependencies: all,
    });
  }

  /** A response of whatever status. */
  request(call: Call, { signal }: CallOptions): Promise<HttpResponse> {
    return this.http.send({
      method: call.method,
      url: call.url,
      purpose: call.purpose,
      signal,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
  }

  /**
   * The response to believe where "not there" (404) came: itself, unless it is a page. A gateway makes such pages too, of records that are
   * there: so the list of the records is asked for, and once that comes, the same is asked again.
   *
   * @throws ConfigurationError NOT_CAMPAIGN where the list is not there either; and as every call
   */
  async believed(notFound: HttpResponse, call: Call, collection: string, options: CallOptions): Promise<HttpResponse> {
    if (!isWebPage(notFound.text)) return notFound;
    const { purpose } = call;
    const list = await this.request({ method: 'GET', url: `${collection}?_lineCount=1`, purpose }, options);
    if (list.status >= 300 && list.status !== 404) throw campaignError(list, { purpose, record: false });
    if (list.status === 404) throw notCampaign(purpose);
    objectOf(list, purpose);
    return await this.request(call, options);
  }

  /** Address of a resource's records. */
  collection({ api, name }: ResourceRef): string {
    return `${this.root}${api}/${encodeURIComponent(name)}`;
  }

  /** Closes idle connections. */
  close(): void {
    this.http.close();
  }
}

/** The JSON object of a response. @throws ConfigurationError NOT_CAMPAIGN */
export function objectOf(response: HttpResponse, purpose: string): CampaignRecord {
  const record = recordIn(response.text);
  if (record) return record;
  throw notCampaign(purpose);
}

/** The error for a response that can't be Campaign's. */
export function notCampaign(purpose: string): ConfigurationError {
  return new ConfigurationError('NOT_CAMPAIGN', `What answered is not Adobe Campaign's API when asked to ${purpose}.`, {
    hint: 'Check the API URL and the tenant of the credential, and proxies in between.',
  });
}

/** The JSON object in a text; undefined where it is none. */
export function recordIn(text: string): CampaignRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as CampaignRecord)
      : undefined;
  } catch {
    return undefined;
  }
}
