import { z } from 'zod';

const pace = z.object({ ms: z.number().min(0).default(0), jitterMs: z.number().min(0).default(0) }).strict();

/**
 * Everything about the emulated systems that can be changed while they run (`POST /_control/settings`).
 * The comments name what no public source settles.
 */
export const settingsSchema = z
  .object({
    /** Milliseconds added to every response of a system, and up to `jitterMs` more at random. */
    latency: z
      .object({
        entra: pace.default({}),
        dataverse: pace.default({}),
        ims: pace.default({}),
        campaign: pace.default({}),
      })
      .strict()
      .default({}),
    entra: z
      .object({
        tokenLifetimeSeconds: z.number().int().min(1).default(3_599),
        /** The one client secret that is taken, after it was changed in Entra; null: the one of the start. */
        clientSecret: z.string().nullable().default(null),
      })
      .strict()
      .default({}),
    ims: z
      .object({
        tokenLifetimeSeconds: z.number().int().min(1).default(86_399),
        /** As above, after it was changed in the Adobe Developer Console. */
        clientSecret: z.string().nullable().default(null),
      })
      .strict()
      .default({}),
    dataverse: z
      .object({
        /** Largest page; Dataverse's own limit is 5,000. */
        maxPageSize: z.number().int().min(1).default(5_000),
        /** False: the caller is no member of the organization (0x80072560). */
        applicationUser: z.boolean().default(true),
        /** Logical names of tables that the caller may not read or write (0x80040220). */
        deniedTables: z.array(z.string()).default([]),
        /** Where the token of a full load is cut: changes made during the load come again, or are lost. Not settled. */
        deltaTokenCut: z.enum(['start', 'end']).default('start'),
        /** The pages that carry the deltaLink. */
        deltaLinkOn: z.enum(['last', 'first', 'every', 'none']).default('last'),
        /** A read of several pages ends with one more that is an empty object, without any link. Observed. */
        emptyLastPage: z.boolean().default(false),
        /** No page has a deltaLink where annotations were asked for. Observed in some organizations. */
        annotationsCostDeltaLink: z.boolean().default(false),
        /** WhoAmI's id of the organization after a restore; null: the one of the start. */
        organizationId: z.string().nullable().default(null),
        /** An empty `value` with a new link, an empty object, or an empty `value` without a link. Not settled. */
        nothingChanged: z.enum(['empty-value', 'empty-object', 'no-link']).default('empty-value'),
        /** Days after which a delta token has expired. */
        changeTrackingDays: z.number().min(0).default(7),
        /** HTTP status of 0x80044352. Not settled. */
        expiredTokenStatus: z.union([z.literal(400), z.literal(410)]).default(400),
        /** A renamed, removed or retyped column expires the table's delta tokens. */
        metadataChangeExpiresTokens: z.boolean().default(false),
        /** A table without change tracking answers with 0x80072491, or with rows and no deltaLink. */
        untracked: z.enum(['refuse', 'no-link']).default('refuse'),
        /** A page begins with the last row of the page before. Not settled. */
        repeatRowsAcrossPages: z.boolean().default(false),
        /** Annotations are given in delta replies too. Not settled. */
        annotationsWithDelta: z.boolean().default(true),
        /** `$count` begins with a byte order mark. */
        countWithByteOrderMark: z.boolean().default(true),
        /** Fixed responses of RetrieveTotalRecordCount by table: the real one may be a day old. */
        recordCounts: z.record(z.number()).default({}),
        /** The activity tables of the app "Adobe Campaign for Microsoft Dynamics 365" are installed. */
        timelineTables: z.boolean().default(true),
        /** Columns for which auditing is on, by table. */
        auditing: z.record(z.array(z.string())).default({}),
        /** Tables without CreateMultiple and UpdateMultiple. */
        withoutMultiple: z.array(z.string()).default([]),
        /** Tables for which optimistic concurrency is not enabled: a write that is bound to an etag is refused (0x8006088D). */
        withoutConcurrency: z.array(z.string()).default([]),
        /** The status of that refusal. Not settled. */
        withoutConcurrencyStatus: z.union([z.literal(400), z.literal(412), z.literal(500)]).default(412),
        /** Characters by which every row of a response is longer. */
        rowPadding: z.number().int().min(0).default(0),
        /** Ids of rows that the caller may not read, in lower case: lists leave them out, alone they are refused (0x80040220). */
        unreadableRows: z.array(z.string()).default([]),
        /** Service protection limits of one user; null: off. */
        protection: z
          .object({
            requests: z.number().int().min(1).default(6_000),
            executionMs: z.number().min(1).default(1_200_000),
            concurrency: z.number().int().min(1).default(52),
            windowMs: z.number().min(1_000).default(300_000),
          })
          .strict()
          .nullable()
          .default(null),
        /** `x-ms-dop-hint` of every reply; null: not sent. */
        dopHint: z.number().int().min(1).nullable().default(null),
      })
      .strict()
      .default({}),
    campaign: z
      .object({
        product: z.enum(['standard', 'v8']).default('standard'),
        /** Form of `href`; `mixed` takes turns. */
        hrefs: z.enum(['absolute', 'host', 'campaign', 'mixed']).default('absolute'),
        /** Largest `_lineCount`. Not public. */
        maxLineCount: z.number().int().min(1).default(10_000),
        /** Rows above which `next` is left out without `_forcePagination`. */
        forcePaginationAbove: z.number().int().min(0).default(100_000),
        /** Shape of an enumeration's `values`. Not public. */
        enumerationValues: z.enum(['list', 'map']).default('list'),
        /** A wrong tenant's response. Both were observed. */
        badTenantStatus: z.union([z.literal(400), z.literal(500)]).default(400),
        /** Requests per second above which 429 is answered; null: no limit. */
        requestsPerSecond: z.number().min(1).nullable().default(null),
        /** A child whose parent is absent can't be seen, changed or deleted ("1 cardinality simple link"). */
        simpleLinks: z.boolean().default(false),
      })
      .strict()
      .default({}),
  })
  .strict();

export type Settings = z.output<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;

/** Puts `changes` over `settings` in place, group by group. @throws ZodError naming what is unknown or out of range. */
export function changeSettings(settings: Settings, changes: unknown): void {
  Object.assign(settings, settingsSchema.parse(merged(settings, changes)));
}

function merged(base: unknown, over: unknown): unknown {
  if (!isGroup(base) || !isGroup(over)) return over === undefined ? base : over;
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [key, merged(base[key], over[key])]),
  );
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
