import { randomUUID } from 'node:crypto';
import { decodeSegment, json, type Incoming, type Reply } from '../http/service';
import { badRequest, noPrivilege, noRow } from './errors';
import { options } from './request';
import type { Row, Value } from './schema';
import type { Organization } from './state';
import type { Table } from './store';

/** A row was created (1) or updated (2). */
interface AuditEntry {
  readonly auditid: string;
  /** As Dataverse writes it: whole seconds. */
  readonly createdon: string;
  readonly operation: 1 | 2;
  readonly table: string;
  readonly objectId: string;
  /** By column, those that differ; an empty value is not listed. */
  readonly before: Readonly<Record<string, Value>>;
  readonly after: Readonly<Record<string, Value>>;
}

/** The audit log: what became of the columns for which auditing is on, oldest first. */
export class AuditLog {
  private entries: AuditEntry[] = [];

  get length(): number {
    return this.entries.length;
  }

  /** @param columns those that are audited; nothing is kept where none of them changed */
  keep(table: Table, columns: readonly string[], before: Row | undefined, after: Row): void {
    const changed = table.definition.columns.filter(
      ({ name, key }) => columns.includes(name) && (before?.[key] ?? null) !== (after[key] ?? null),
    );
    if (changed.length === 0) return;
    const valuesOf = (row: Row | undefined) =>
      Object.fromEntries(
        changed.flatMap(({ name, key }) => (row?.[key] === null || row?.[key] === undefined ? [] : [[name, row[key]]])),
      );
    this.entries.push({
      auditid: randomUUID(),
      createdon: String(after['modifiedon']),
      operation: before ? 2 : 1,
      table: table.definition.name,
      objectId: String(after[table.definition.primaryId]),
      before: valuesOf(before),
      after: valuesOf(after),
    });
  }

  /** Takes back what was kept after the log had so many entries. */
  cut(length: number): void {
    this.entries.length = length;
  }

  /** Newest first. */
  of(objectId: string, operations: readonly number[]): readonly AuditEntry[] {
    return this.entries
      .filter((entry) => entry.objectId === objectId && operations.includes(entry.operation))
      .reverse()
      .sort((a, b) => b.createdon.localeCompare(a.createdon));
  }

  byId(auditId: string): AuditEntry | undefined {
    return this.entries.find(({ auditid }) => auditid === auditId);
  }
}

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
