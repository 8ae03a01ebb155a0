import type { WorkflowJson } from '../../sandbox/n8n-host/rest';
import { REJECTED, Scene, SYNC, parametersOf, template, type RejectedRow } from './support/scene';

jest.setTimeout(600_000);

interface Line {
  readonly column: string;
  readonly field: string;
}

/** What a user of the sandbox's instance would add to the template: its own columns and fields. */
const ADDED: readonly Line[] = [
  { column: 'new_visits|bigint', field: 'cusVisits|integer' },
  { column: 'new_blockreason|string', field: 'cusBlocked|string' },
  { column: 'new_loyaltynumber|string', field: 'cusLoyaltyNumber|string' },
  { column: 'new_vip|boolean', field: 'cusVip|boolean' },
  { column: 'new_segment|choice', field: 'cusSegment|enumeration' },
];

function addLines(workflow: WorkflowJson): void {
  const trigger = parametersOf(workflow, 'Dynamics 365 Trigger') as unknown as { columns: string[] };
  trigger.columns.push(...ADDED.map((line) => line.column));
  const replace = parametersOf(workflow, 'Replace Values') as unknown as { columnReplacements: { row: object[] } };
  ['bronze', 'silver', 'gold'].forEach((newValue, index) =>
    replace.columnReplacements.row.push({
      column: 'new_segment|choice',
      oldKind: 'value',
      oldChoice: String(100_000_000 + index),
      newKind: 'value',
      newValue,
    }),
  );
  const mapper = parametersOf(workflow, 'Field Mapper') as unknown as { mapping: { row: object[] } };
  mapper.mapping.row.push(
    ...ADDED.map((line) => ({ source: 'column', applyUpdates: true, whenEmpty: 'clear', ...line })),
  );
}

/** Code and mapping line that each way of being bad must lead to. A line of null: Campaign's response names no single field. */
const EXPECTED: Readonly<Record<string, { code: string; field?: string }>> = {
  'text-too-long': { code: 'TOO_LONG', field: 'firstName' },
  'integer-out-of-range': { code: 'OUT_OF_RANGE', field: 'cusVisits' },
  'date-invalid': { code: 'DATE_OUT_OF_RANGE', field: 'birthDate' },
  'enumeration-unknown': { code: 'UNKNOWN_ENUMERATION_VALUE', field: 'gender' },
  'email-refused': { code: 'INVALID_EMAIL', field: 'email' },
  'business-rule': { code: 'REFUSED_BY_CAMPAIGN' },
  'duplicate-unique': { code: 'DUPLICATE_KEY', field: 'cusLoyaltyNumber' },
  'mandatory-missing': { code: 'MANDATORY_FIELD_MISSING', field: 'cusSegment' },
};

/** What makes a bad contact good. */
const MENDED: Readonly<Record<string, unknown>> = {
  firstname: 'Mended',
  new_visits: 1,
  birthdate: '1990-05-05',
  gendercode: 1,
  emailaddress1: 'mended@example.org',
  new_blockreason: null,
  new_loyaltynumber: null,
  new_vip: false,
};

describe('one contact in fifty is bad for Campaign, in one of eight ways', () => {
  let scene: Scene;
  let bad: Map<string, string>;
  let lines: Map<string, number>;

  beforeAll(async () => {
    const retry = template('retry-rejected');
    scene = await Scene.start({
      sandbox: { contacts: 800, bad: 50 },
      change: (workflow) => {
        addLines(workflow);
        const mapper = parametersOf(workflow, 'Field Mapper') as unknown as { mapping: { row: Line[] } };
        lines = new Map(mapper.mapping.row.map((line, index) => [line.field.split('|')[0] ?? '', index + 1]));
      },
      more: [{ workflow: retry, publish: false }],
    });
    const contacts = await scene.control.dump('dataverse', 'contact');
    bad = new Map(
      contacts.flatMap((contact) => (contact['_bad'] ? [[String(contact['contactid']), String(contact['_bad'])]] : [])),
    );
  });
  afterAll(async () => await scene?.close());

  const rejected = async () => await scene.n8n.rest.dataTableRows<RejectedRow>(REJECTED);

  it('carries all others to Campaign', async () => {
    expect(bad.size).toBe(16);
    await scene.settled(180_000, new Set(bad.keys()));
  });

  it('keeps the bad ones in the Data table with code and mapping line, and without their values', async () => {
    const rows = await scene.n8n.rest.waitFor('16 rejected records', async () => {
      const found = await rejected();
      return found.length >= bad.size && found;
    });
    expect(rows.map((row) => row.recordId).sort()).toEqual([...bad.keys()].sort());
    const contacts = new Map(
      (await scene.control.dump('dataverse', 'contact')).map((contact) => [String(contact['contactid']), contact]),
    );
    let compared = 0;
    for (const row of rows) {
      const way = bad.get(row.recordId) ?? '';
      const expected = EXPECTED[way];
      expect({ way, code: row.code, field: expected?.field ? row.field : undefined }).toEqual({
        way,
        code: expected?.code,
        field: expected?.field,
      });
      if (expected?.field) expect({ way, line: row.mappingLine }).toEqual({ way, line: lines.get(expected.field) });
      const contact = contacts.get(row.recordId);
      for (const column of ['firstname', 'lastname', 'emailaddress1']) {
        const value = contact?.[column];
        if (typeof value !== 'string' || value.length <= 3) continue;
        compared++;
        expect(row.message).not.toContain(value);
      }
    }
    expect(compared).toBeGreaterThan(bad.size);
  });

  it('tries them again by itself, and those that pass leave the table', async () => {
    const mended = [...bad].filter(([, way]) => way !== 'business-rule').map(([id]) => id);
    await scene.change({
      system: 'dataverse',
      table: 'contact',
      updates: mended.map((contactid) => ({ contactid, ...MENDED })),
    });
    const retryId = scene.n8n.workflowIds.get('Retry Rejected Records') ?? '';
    await scene.n8n.rest.updateWorkflow(retryId, (workflow) => {
      Object.assign(parametersOf(workflow, 'Every 15 Minutes'), {
        rule: { interval: [{ field: 'seconds', secondsInterval: 10 }] },
      });
      Object.assign(parametersOf(workflow, 'Run Through the Sync'), {
        workflowId: { __rl: true, mode: 'list', value: scene.workflowId, cachedResultName: SYNC },
      });
    });
    await scene.n8n.rest.publish(retryId);

    const stillBad = new Set([...bad.keys()].filter((id) => !mended.includes(id)));
    await scene.settled(180_000, stillBad);
    await scene.n8n.rest.waitFor(
      'the mended records to leave',
      async () => (await rejected()).length === stillBad.size,
      120_000,
    );
    expect(new Set((await rejected()).map((row) => row.recordId))).toEqual(stillBad);
    const failed = await scene.n8n.rest.executions({ workflowId: retryId, status: ['error'] });
    expect(failed).toEqual([]);
  });
});
