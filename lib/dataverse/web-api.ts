import { baseUrl } from '../http/base-url';
import type { CallOptions } from '../http/call-options';
import { systemDependencies, type ClientDependencies } from '../http/dependencies';
import { HttpClient, type HttpResponse, type HttpRequest } from '../http/http-client';
import { isWebPage } from '../http/web-page';
import type { DataverseCredential } from './credential';
import { dataverseError, isTransientInDataverse, jsonOf, notDataverse } from './errors';
import { dataverseTokens } from './sign-in';

/** Dataverse stops at 52 requests in flight for one user and web server. */
const MOST_IN_FLIGHT = 52;

/** What a request is for, in errors. */
export interface Purpose {
  readonly purpose: string;
  readonly table?: string;
}

/** Requests to the Web API v9.2 of one organization: signed in, limited, repeated where that is right. */
export class WebApi {
  /** Address of the Web API, with a slash at its end. */
  readonly root: string;
  private readonly http: HttpClient;

  constructor(credential: DataverseCredential, dependencies: Partial<ClientDependencies>) {
    this.root = `${baseUrl(credential.url, 'Organization URL', { keepPath: false })}/api/data/v9.2/`;
    const all = { ...systemDependencies, ...dependencies };
    this.http = new HttpClient({
      system: 'Dynamics 365',
      tokens: dataverseTokens(credential, all),
      headers: {
        Accept: 'application/json',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Accept-Encoding': 'gzip',
      },
      limits: {
        maxConcurrency: Math.min(MOST_IN_FLIGHT, credential.maxConcurrency || 20),
        maxPerSecond: credential.maxRequestsPerSecond ?? 0,
      },
      isTransient: isTransientInDataverse,
      parallelismHeader: 'x-ms-dop-hint',
      dependencies: all,
    });
  }

  /** The JSON of a response. @param path relative to the root, or a whole link of the same origin */
  async get(path: string, purpose: Purpose, options: CallOptions, prefer?: string): Promise<unknown> {
    return jsonOf(await this.read(path, purpose, options, prefer), purpose.purpose);
  }

  /** A response that is no refusal. */
  async read(path: string, purpose: Purpose, options: CallOptions, prefer?: string): Promise<HttpResponse> {
    const response = await this.tryRead(path, purpose, options, prefer);
    if (response.status >= 300) throw dataverseError(response, { ...purpose, asked: path });
    return response;
  }

  /** A response of whatever status. */
  tryRead(path: string, { purpose }: Purpose, { signal }: CallOptions, prefer?: string): Promise<HttpResponse> {
    return this.http.send({
      method: 'GET',
      url: /^https?:\/\//.test(path) ? path : this.root + path,
      purpose,
      signal,
      ...(prefer === undefined ? {} : { headers: { Prefer: prefer } }),
    });
  }

  /**
   * Any request; a response of whatever status.
   *
   * @throws ConfigurationError NOT_DATAVERSE for a page that claims success: nothing was written then; and as HttpClient says
   */
  async call({ path, ...request }: Omit<HttpRequest, 'url'> & { readonly path: string }): Promise<HttpResponse> {
    const response = await this.http.send({ ...request, url: this.root + path });
    if (response.status < 300 && isWebPage(response.text)) throw notDataverse(request.purpose);
    return response;
  }

  /** Closes idle connections. */
  close(): void {
    this.http.close();
  }
}
