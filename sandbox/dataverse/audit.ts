import { decodeSegment, json, type Incoming, type Reply } from '../http/service';
import { badRequest, noPrivilege, noRow } from './errors';
import { options } from './request';
import type { Organization } from './state';

/**
 * The two reads of docs/facts/dataverse.md, "Times of single columns": the entries of one row, and RetrieveAuditDetails
 * of one entry.
 */
export function readAudit(organization: Organization, incoming: Incoming, rest: string): Reply {
  if (organization.settings.dataverse.deniedTables.includes('audit')) throw noPrivilege('AuditSummary', 'Read');
  const { audit } = organization;
  const one = /^audits\((.+)\)\/Microsoft\.Dynamics\.CRM\.RetrieveAuditDetails(?:\(\))?$/.exec(
    decodeSegment(rest),
  )?.[1];
  if (one !== undefined) {
    const entry = audit.byId(one);
    if (!entry) throw noRow('audit', one);
    const type = { '@odata.type': `#Microsoft.Dynamics.CRM.${entry.table}` };
    return json(200, {
      '@odata.context': `${incoming.origin}/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.RetrieveAuditDetailsResponse`,
      AuditDetail: {
        '@odata.type': '#Microsoft.Dynamics.CRM.AttributeAuditDetail',
        InvalidNewValueAttributes: [],
        OldValue: { ...type, ...entry.before },
        NewValue: { ...type, ...entry.after },
      },
    });
  }
  const query = options(incoming);
  const filter = query.get('$filter') ?? '';
  const objectId = /_objectid_value eq ([0-9a-f-]{36})/i.exec(filter)?.[1];
  if (objectId === undefined || query.get('$orderby') !== 'createdon desc') {
    throw badRequest('The sandbox answers audits of one row only, ordered by createdon desc.');
  }
  const operations = [...filter.matchAll(/operation eq (\d)/g)].map(([, number]) => Number(number));
  const found = audit.of(objectId.toLowerCase(), operations).slice(0, Number(query.get('$top') ?? 5000));
  return json(200, {
    '@odata.context': `${incoming.origin}/api/data/v9.2/$metadata#audits(auditid,createdon)`,
    value: found.map(({ auditid, createdon }) => ({ '@odata.etag': 'W/"1"', auditid, createdon })),
  });
}
