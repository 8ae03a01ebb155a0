import type { FindRequest, FoundRecord } from '../../lib/campaign/records';
import { profileSource } from '../../lib/campaign/profile-source';
import { contactSource } from '../../lib/dataverse/contact-source';
import { RejectedRecordError } from '../../lib/core/errors';
import type { OptOutLine } from '../../lib/sync/opt-out/compile-lines';
import type { ResolveDependencies } from '../../lib/sync/opt-out/resolve';
import type { ResolveSettings } from '../../lib/sync/opt-out/route-decision';
import type { AttributeTime } from '../../lib/sync/opt-out/sources';
import { CONTACT } from './builders';

export const NOW = Date.parse('2026-11-21T17:00:00Z');

/** The id of contact number `n`. */
export const id = (n: number) => `abcdef00-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const EMAIL: OptOutLine = {
  line: 1,
  column: 'donotemail',
  field: 'blackListEmail',
  inverted: false,
  timeField: 'blackListEmailLastModified',
};
export const PHONE: OptOutLine = {
  line: 2,
  column: 'donotphone',
  field: 'blackListPhone',
  inverted: false,
  timeField: 'blackListPhoneLastModified',
};

export const SETTINGS: ResolveSettings = {
  direction: 'bidirectional',
  lines: [EMAIL, PHONE],
  profile: { name: 'profile', api: 'profileAndServicesExt' },
  keyColumn: 'externalId',
  keyField: 'externalId',
  withoutProfile: 'reject',
  futureToleranceMs: 300_000,
  attributeTimes: false,
  concurrency: 3,
};

/** A contact with version and time; opted in everywhere unless said. */
export function contact(n: number, values: Record<string, unknown> = {}) {
  return {
    '@odata.etag': `W/"${n}"`,
    contactid: id(n),
    modifiedon: '2026-11-21T12:00:00Z',
    donotemail: false,
    donotphone: false,
    ...values,
  };
}

/** A profile; opted in everywhere, at no known time, unless said. */
export function profile(n: number, values: Record<string, unknown> = {}) {
  return {
    externalId: id(n),
    created: '2020-01-01 00:00:00.000Z',
    blackListEmail: false,
    blackListEmailLastModified: '',
    blackListPhone: false,
    blackListPhoneLastModified: '',
    ...values,
  };
}

/** Both systems, with a record of what was asked of them and in which order. */
export function systems(
  contacts: Record<string, unknown>[],
  profiles: Record<string, unknown>[],
  audit: Record<string, AttributeTime> = {},
) {
  const asked: string[] = [];
  return {
    asked,
    dataverse: {
      getByIds: async (_table: unknown, columns: readonly string[], ids: readonly string[]) => {
        asked.push(`contacts ${columns.join(',')}`);
        const rows = contacts.filter((row) => ids.includes(row['contactid'] as string));
        const there = new Set(rows.map((row) => row['contactid']));
        return { rows, missing: ids.filter((each) => !there.has(each)) };
      },
      getAttributeTimes: async (_table: unknown, contactId: string, columns: readonly string[]) => {
        asked.push(`audit ${contactId} ${columns.join(',')}`);
        return audit;
      },
    },
    campaign: {
      find: async ({ keyValue, keyField }: FindRequest): Promise<FoundRecord | null> => {
        asked.push(`profile ${keyValue}`);
        const found = profiles.filter((record) => record[keyField] === keyValue || record['answersTo'] === keyValue);
        if (found.length > 1) throw new RejectedRecordError('AMBIGUOUS_KEY', 'More than one profile has this key.');
        const [record] = found;
        return record ? { href: 'https://mc.example/x', record } : null;
      },
    },
    now: () => NOW,
  };
}

/** What the resolver reads: both systems behind the sources that the node uses. */
export function sourcesOf({ dataverse, campaign, now }: ReturnType<typeof systems>): ResolveDependencies {
  return {
    contacts: contactSource(dataverse, CONTACT),
    profiles: profileSource(campaign, {
      resource: SETTINGS.profile,
      keyField: SETTINGS.keyField,
      lookup: { by: 'key' },
    }),
    now,
  };
}

/** A change as the Dynamics 365 Trigger gives it. Its values are stale on purpose: nobody may use them. */
export function change(n: number, more: Record<string, unknown> = {}) {
  return {
    change: 'upsert',
    reason: 'changed',
    table: 'contact',
    id: id(n),
    modifiedOn: '2020-01-01T00:00:00Z',
    initial: false,
    record: { donotemail: 'stale', firstname: 'Ada' },
    labels: {},
    ...more,
  };
}

/** An export row. */
export function row(n: number, more: Record<string, unknown> = {}) {
  return { externalId: id(n), blackListEmail: false, blackListPhone: false, ...more };
}
