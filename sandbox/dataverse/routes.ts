import { decodeSegment, json, parseQuery, type Incoming, type Reply, type Service } from '../http/service';
import type { Tokens } from '../oauth/tokens';
import { readAudit } from './audit';
import { runBatch } from './batch';
import { define } from './define';
import { badRequest, noPrivilege, noSegment, refuse } from './errors';
import { readMetadata } from './metadata';
import type { Protection } from './protection';
import { countList, plainCount, readList } from './read';
import { options, preferences } from './request';
import type { Organization } from './state';
import { OWNER_ID } from './tables/index';
import { countPending, readTracked } from './track-changes';
import { readSkipToken } from './tokens';
import { checkPrivilege, createRow, deleteRow, getRow, parseJson, patchRow, writeMultiple } from './write';

const BASE = '/api/data/v9.2/';
const MAXIMUM_URL = 32_768;

/** Dataverse's Web API, version 9.2. `loginUrl`: the login service that a 401 names. */
export function dataverseService(
  organization: Organization,
  tokens: Tokens,
  protection: Protection,
  loginUrl: () => string,
): Service {
  const { settings } = organization;

  const perform = (incoming: Incoming): Reply => route(organization, incoming, perform);

  return {
    system: 'dataverse',
    kind: (incoming) => kindOf(organization, incoming),
    faultBody: (status) =>
      JSON.stringify({
        error:
          status === 429
            ? {
                code: '0x80072322',
                message: 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.',
              }
            : { code: '0x80044150', message: 'Generic SQL error.' },
      }),
    expireToken: (incoming) => tokens.expire(incoming),
    handle(incoming, load) {
      if (incoming.path.length + incoming.query.length > MAXIMUM_URL) throw refuse(414, '', 'The URL is too long.');
      if (!tokens.check(incoming)) {
        const challenge = `Bearer authorization_uri=${loginUrl()}/common/oauth2/authorize, resource_id=${incoming.origin}/`;
        return { status: 401, headers: { 'WWW-Authenticate': challenge } };
      }
      if (!settings.dataverse.applicationUser) {
        throw refuse(403, '0x80072560', 'The user is not a member of the organization.');
      }
      protection.admit(load);
      const reply = perform(incoming);
      const hint = settings.dataverse.dopHint;
      return hint === null ? reply : { ...reply, headers: { ...reply.headers, 'x-ms-dop-hint': String(hint) } };
    },
  };
}

function route(organization: Organization, incoming: Incoming, perform: (part: Incoming) => Reply): Reply {
  if (!incoming.path.startsWith(BASE)) throw noSegment(incoming.path);
  const rest = incoming.path.slice(BASE.length);
  const { method } = incoming;
  if (rest === '$batch' && method === 'POST') return runBatch(organization, incoming, perform);
  if (rest.startsWith('EntityDefinitions')) {
    if (method === 'POST') return define(organization, incoming, rest.slice('EntityDefinitions'.length));
    if (method !== 'GET') throw refuse(405, '0x80060888', `The method ${method} is not supported here.`);
    return readMetadata(organization, incoming, rest.slice('EntityDefinitions'.length), options(incoming));
  }
  const special = SPECIAL.find(({ pattern }) => pattern.test(rest));
  if (special) return special.respond(organization, incoming, rest);

  const parts = /^([A-Za-z_]\w*)(?:\((.*)\))?(?:\/(.+))?$/.exec(rest);
  if (!parts) throw noSegment(rest);
  const [, setName = '', key, below] = parts;
  const table = organization.bySet(setName);
  checkPrivilege(organization, table, method === 'GET' ? 'Read' : 'Write');
  if (below !== undefined) {
    const action = /^Microsoft\.Dynamics\.CRM\.(\w+)$/.exec(decodeSegment(below))?.[1];
    if (method === 'POST' && key === undefined && action) return writeMultiple(organization, table, action, incoming);
    if (method === 'GET' && key === undefined && decodeSegment(below) === '$count')
      return count(organization, incoming, setName);
    throw noSegment(below);
  }
  if (key !== undefined) {
    if (method === 'GET') return getRow(organization, table, key, incoming);
    if (method === 'PATCH') return patchRow(organization, table, key, incoming);
    if (method === 'DELETE') return deleteRow(organization, table, key, incoming);
  } else {
    if (method === 'GET') return list(organization, incoming, setName);
    if (method === 'POST') return createRow(organization, table, incoming);
  }
  throw refuse(405, '0x80060888', `The method ${method} is not supported here.`);
}

function list(organization: Organization, incoming: Incoming, setName: string): Reply {
  const table = organization.bySet(setName);
  const query = options(incoming);
  const preferred = preferences(incoming);
  const continued = query.has('$skiptoken') && 'v' in readSkipToken(query.get('$skiptoken') ?? '');
  if (preferred.trackChanges || query.has('$deltatoken') || continued) {
    if (table.definition.changeTracking) return readTracked(organization, table, incoming, query, preferred);
    if (organization.settings.dataverse.untracked === 'refuse') throw untracked(table.definition.name);
  }
  return readList(organization, table, incoming, query, preferred);
}

function count(organization: Organization, incoming: Incoming, setName: string): Reply {
  const table = organization.bySet(setName);
  const query = options(incoming);
  const token = query.get('$deltatoken');
  if (token === undefined) return countList(organization, table, query);
  if (!table.definition.changeTracking) throw untracked(table.definition.name);
  return plainCount(organization, countPending(organization, table, token));
}

const untracked = (name: string): Error =>
  refuse(400, '0x80072491', `Entity ${name} isn't enabled for change tracking.`);

const SPECIAL: readonly {
  pattern: RegExp;
  respond(organization: Organization, incoming: Incoming, rest: string): Reply;
}[] = [
  {
    pattern: /^WhoAmI(\(\))?$/,
    respond: (organization, incoming) =>
      json(200, {
        '@odata.context': `${incoming.origin}${BASE}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
        BusinessUnitId: '0a1b2c3d-0000-4000-8000-00000000000b',
        UserId: OWNER_ID,
        OrganizationId: organization.settings.dataverse.organizationId ?? organization.id,
      }),
  },
  {
    pattern: /^PublishXml$/,
    respond(_organization, incoming) {
      const { ParameterXml: xml } = parseJson(incoming.body);
      if (incoming.method !== 'POST' || typeof xml !== 'string' || !xml.startsWith('<importexportxml>')) {
        throw badRequest('ParameterXml is missing.');
      }
      return { status: 204, headers: { 'OData-Version': '4.0' } };
    },
  },
  { pattern: /^audits(\(|$)/, respond: readAudit },
  {
    pattern: /^fieldpermissions$/,
    respond(organization, incoming) {
      if (organization.settings.dataverse.deniedTables.includes('fieldpermission')) {
        throw noPrivilege('fieldpermission', 'Read');
      }
      const filter = options(incoming).get('$filter') ?? '';
      const table = organization.table(/entityname eq '(\w+)'/.exec(filter)?.[1] ?? '');
      if (!table || !filter.includes('profiles_association/any(')) {
        throw badRequest('The sandbox answers fieldpermissions by table and by the profiles of the user only.');
      }
      // The caller has its profiles by itself, and none by a team.
      const columns = filter.includes('systemuserprofiles_association') ? table.definition.columns : [];
      const value = columns
        .filter(({ secured }) => secured === 'readable')
        .map(({ name }) => ({ '@odata.etag': 'W/"1"', attributelogicalname: name }));
      return json(200, { '@odata.context': `${incoming.origin}${BASE}$metadata#fieldpermissions`, value });
    },
  },
  {
    pattern: /^organizations$/,
    respond(organization, incoming) {
      const row: Record<string, unknown> = {
        organizationid: organization.id,
        name: 'sandbox',
        languagecode: 1033,
        expirechangetrackingindays: organization.settings.dataverse.changeTrackingDays,
        isauditenabled: Object.keys(organization.settings.dataverse.auditing).length > 0,
      };
      const select = options(incoming).get('$select');
      const chosen: Record<string, unknown> = { '@odata.etag': 'W/"1"', organizationid: organization.id };
      for (const name of select ? select.split(',') : Object.keys(row)) {
        if (!(name in row)) {
          throw badRequest(`Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.organization'.`);
        }
        chosen[name] = row[name];
      }
      return json(200, { '@odata.context': `${incoming.origin}${BASE}$metadata#organizations`, value: [chosen] });
    },
  },
  {
    pattern: /^sdkmessagefilters$/,
    respond(organization, incoming) {
      const filter = parseQuery(incoming.query).get('$filter') ?? '';
      const message = /sdkmessageid\/name eq '(\w+)'/.exec(filter)?.[1];
      const name = /primaryobjecttypecode eq '(\w+)'/.exec(filter)?.[1] ?? '';
      if (message === undefined) throw badRequest('The sandbox answers sdkmessagefilters by message and table only.');
      const has =
        organization.table(name) !== undefined &&
        /^(Create|Update|Upsert)Multiple$/.test(message) &&
        !organization.settings.dataverse.withoutMultiple.includes(name);
      const value = has ? [{ '@odata.etag': 'W/"1"', sdkmessagefilterid: organization.id }] : [];
      return json(200, { '@odata.context': `${incoming.origin}${BASE}$metadata#sdkmessagefilters`, value });
    },
  },
  {
    pattern: /^RetrieveTotalRecordCount\(/,
    respond(organization, incoming, rest) {
      const query = options(incoming);
      const alias = /^RetrieveTotalRecordCount\(EntityNames=(@\w+|\[.*\])\)$/.exec(decodeSegment(rest))?.[1] ?? '';
      const text = alias.startsWith('@') ? (query.get(alias) ?? '') : alias;
      let names: unknown;
      try {
        names = JSON.parse(text);
      } catch {
        names = undefined;
      }
      if (!Array.isArray(names)) throw badRequest('EntityNames must be a list of logical names.');
      const fixed = organization.settings.dataverse.recordCounts;
      const counts = names.map((name) => {
        const table = organization.table(String(name));
        if (!table) throw refuse(400, '0x80041102', `The entity with a name = '${String(name)}' was not found.`);
        return fixed[String(name)] ?? table.count;
      });
      return json(200, {
        '@odata.context': `${incoming.origin}${BASE}$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse`,
        EntityRecordCountCollection: { Count: names.length, IsReadOnly: false, Keys: names, Values: counts },
      });
    },
  },
];

/** Names for the statistics: `contact.GET`, `contact.delta`, `metadata.GET`. */
function kindOf(organization: Organization, incoming: Incoming): string {
  const rest = incoming.path.slice(BASE.length);
  const word = /^[$\w]+/.exec(rest)?.[0] ?? 'other';
  if (word === 'EntityDefinitions') return `metadata.${incoming.method}`;
  const table = organization.all().find((each) => each.definition.setName === word);
  const name = table?.definition.name ?? word;
  if (/deltatoken/.test(incoming.query)) return rest.includes('$count') ? `${name}.deltaCount` : `${name}.delta`;
  const action = /Microsoft\.Dynamics\.CRM\.(\w+)$/.exec(rest)?.[1];
  return `${name}.${action ?? incoming.method}`;
}
