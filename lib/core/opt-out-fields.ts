/**
 * The fixed set of Campaign's opt-out fields with the labels that Adobe shows, and the field that keeps the time of
 * each one's last change (docs/facts/campaign.md, "Opt-outs"). Nothing else can be mapped to an opt-out.
 */
export const OPT_OUT_FIELDS = {
  blackList: { label: 'No longer contact (by any channel)', timeField: 'blackListLastModified' },
  blackListEmail: { label: 'No longer contact by email', timeField: 'blackListEmailLastModified' },
  blackListFax: { label: 'No longer contact by fax', timeField: 'blackListFaxLastModified' },
  blackListMobile: { label: 'No longer contact by SMS', timeField: 'blackListMobileLastModified' },
  blackListPhone: { label: 'No longer contact by phone', timeField: 'blackListPhoneLastModified' },
  blackListPostalMail: { label: 'No longer contact by direct mail', timeField: 'blackListPostalMailLastModified' },
  // Campaign keeps no time for this one.
  blackListPushnotification: { label: 'No longer contact by push notification', timeField: null },
  ccpaOptOut: { label: 'CCPA Opt-Out', timeField: 'ccpaOptOutLastModified' },
} as const;

export type OptOutField = keyof typeof OPT_OUT_FIELDS;

/** The opt-out from every channel at once. */
export const GLOBAL_OPT_OUT: OptOutField = 'blackList';

/** Whether `blackList` opts out of this field's channel too. CCPA's opt-out is no channel: it is about selling data. */
export function isChannel(field: OptOutField): boolean {
  return field !== GLOBAL_OPT_OUT && field !== 'ccpaOptOut';
}

/** The fields that may hold the time of `blackList`: which one does is not public, so the user says it. */
export const BLACK_LIST_TIME_FIELDS = ['blackListLastModified', 'blackListAllLastModified', 'lastModified'] as const;
export type BlackListTimeField = (typeof BLACK_LIST_TIME_FIELDS)[number];

/** Campaign's time of the whole profile: it moves with every change, so it proves nothing about one field. */
export const PROFILE_TIME_FIELD = 'lastModified';

/** Names by which a Campaign field may be called: Adobe's integration pages say `denyList...` for `blackList...`. */
export function namesOf(field: string): readonly string[] {
  return field.startsWith('blackList') ? [field, field.replace('blackList', 'denyList')] : [field];
}

/**
 * A field's value in a profile or an export row, by its own name or its `denyList...` alias; undefined where it has neither. Of both, the one
 * that says something.
 */
export function valueByName(values: Readonly<Record<string, unknown>>, field: string): unknown {
  const found = namesOf(field)
    .filter((name) => Object.hasOwn(values, name))
    .map((name) => values[name]);
  return found.find((value) => value !== undefined && value !== null && value !== '') ?? found[0];
}

const BY_NAME: ReadonlyMap<string, OptOutField> = new Map(
  (Object.keys(OPT_OUT_FIELDS) as OptOutField[]).flatMap((field) =>
    namesOf(field).map((name) => [name.toLowerCase(), field] as const),
  ),
);

/** The opt-out field of this name or alias, in any case; undefined when it is none of the eight. */
export function optOutField(name: string): OptOutField | undefined {
  return BY_NAME.get(name.trim().toLowerCase());
}

/** The field with the time of an opt-out field's last change; null when there is none. */
export function timeFieldOf(field: OptOutField, blackListTimeField: BlackListTimeField): string | null {
  return field === 'blackList' ? blackListTimeField : OPT_OUT_FIELDS[field].timeField;
}

/**
 * Columns of `contact` whose meaning Microsoft documents (docs/facts/dataverse.md, "Opt-out columns of contact"): true
 * when a `true` in them ALLOWS something. `donotsendmm` is not inverted, whatever its name suggests: 1 is "Do Not
 * Send".
 */
export const INVERTED_COLUMNS: Readonly<Record<string, boolean>> = {
  donotemail: false,
  donotbulkemail: false,
  donotphone: false,
  donotfax: false,
  donotpostalmail: false,
  donotbulkpostalmail: false,
  donotsendmm: false,
  followemail: true,
};
