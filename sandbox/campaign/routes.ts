import { decodeSegment, parseQuery, type Incoming, type Reply, type Service } from '../http/service';
import type { Tokens } from '../oauth/tokens';
import { bearer } from '../oauth/tokens';
import { ApplicationErrors, gateway, gatewayBody, noRoute } from './errors';
import { resourceFilters, resourceMap, resourceType } from './metadata';
import { filterCondition, findRecord, isVisible, readCount, readList } from './read';
import type { Api } from './schema';
import { recordWriter } from './serialize';
import type { Instance } from './store';
import { createRecord, deleteRecord, patchRecord, type CountEngineCalls } from './write';
import { JSON_TYPE } from '../http/service';

const APIS: readonly string[] = ['profileAndServices', 'profileAndServicesExt', 'customResources'];

/** Adobe Campaign's REST API behind Adobe's gateway. `clientId`: the API key that the gateway takes. */
export function campaignService(
  instance: Instance,
  clientId: string,
  tokens: Tokens,
  countEngineCalls: CountEngineCalls,
): Service {
  const { settings } = instance;
  const errors = new ApplicationErrors(settings);
  const rate = { second: 0, requests: 0 };

  const admit = (incoming: Incoming): void => {
    if (bearer(incoming) === undefined) throw gateway.tokenMissing();
    const grant = tokens.check(incoming);
    if (!grant) throw gateway.tokenInvalid();
    const key = incoming.headers['x-api-key'];
    if (key === undefined) throw gateway.keyMissing();
    if (key !== clientId) throw gateway.keyInvalid();
    if (!grant.scopes.includes('campaign_sdk')) throw gateway.noProfile();
    const limit = settings.campaign.requestsPerSecond;
    if (limit === null) return;
    const second = Math.floor(instance.now() / 1_000);
    if (rate.second !== second) Object.assign(rate, { second, requests: 0 });
    if (++rate.requests > limit) throw gateway.tooMany();
  };

  return {
    system: 'campaign',
    kind: (incoming) => {
      const segments = segmentsOf(incoming.path);
      const name = segments[4] || 'resources';
      return `${name === 'resourceType' ? 'metadata' : name}.${incoming.method}`;
    },
    faultBody: gatewayBody,
    expireToken: (incoming) => tokens.expire(incoming),
    handle(incoming) {
      admit(incoming);
      const [, tenant, word, ...segments] = segmentsOf(incoming.path);
      if (tenant !== instance.tenant || word !== 'campaign') throw gateway.oops(settings.campaign.badTenantStatus);
      while (segments.at(-1) === '') segments.pop();
      return route(instance, segments, incoming, errors, countEngineCalls);
    },
  };
}

/** Campaign decodes slashes before it takes a path apart: `profileAndServices%2Fprofile` is two segments, as in Adobe's SDK. */
function segmentsOf(path: string): string[] {
  return path.split(/\/|%2F/i);
}

function route(
  instance: Instance,
  segments: readonly string[],
  incoming: Incoming,
  errors: ApplicationErrors,
  count: CountEngineCalls,
): Reply {
  const { method } = incoming;
  const [apiName = '', name, ...rest] = segments;
  if (!APIS.includes(apiName)) return noRoute();
  const api = apiName as Api;
  if (name === undefined) return method === 'GET' ? resourceMap(instance, api, incoming) : noRoute();
  if (name === 'resourceType') {
    const described = instance.resource(rest[0] ?? '');
    if (method !== 'GET' || !described?.definition.apis.includes(api)) return noRoute();
    return rest[1] === 'filters'
      ? resourceFilters(instance, described)
      : resourceType(instance, described, api, incoming);
  }
  const resource = instance.resource(name);
  if (!resource?.definition.apis.includes(api)) return noRoute();
  if (method === 'GET' && rest.length === 1 && rest[0] === 'metadata') {
    return resourceType(instance, resource, api, incoming);
  }

  if (method === 'POST') {
    return rest.length === 0 ? createRecord(instance, resource, api, incoming, errors, count) : noRoute();
  }
  if (method === 'GET') {
    const query = parseQuery(incoming.query);
    const wantsCount = rest.at(-1) === '_count';
    const names = wantsCount ? rest.slice(0, -1) : rest;
    const conditions = names.map((each) => filterCondition(instance, resource, decodeSegment(each), query, errors));
    const known = conditions.filter((each) => each !== undefined);
    if (known.length === names.length) {
      const path = [api, name, ...names].join('/');
      return wantsCount
        ? readCount(instance, resource, known)
        : readList(instance, resource, api, path, known, incoming, query, errors);
    }
  }
  const [key, ...more] = rest;
  if (key === undefined || more.length > 0) return noRoute();
  const slot = findRecord(resource, key, errors);
  if (method === 'GET') {
    if (!isVisible(instance, resource, slot)) throw errors.notFound(resource.definition.schema, decodeSegment(key));
    return { status: 200, headers: JSON_TYPE, body: recordWriter(instance, resource, api, incoming)(slot) };
  }
  if (method === 'PATCH') {
    const byKey = !decodeSegment(key).startsWith('@');
    return patchRecord(instance, resource, api, slot, byKey, incoming, errors, count);
  }
  if (method === 'DELETE') return deleteRecord(instance, resource, slot, errors, count);
  return noRoute();
}
