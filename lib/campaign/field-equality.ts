import { API_BOOLEANS, readBoolean } from '../core/boolean-words';
import type { SourceValue, TargetValue } from '../core/change';
import { COMPARED_DATE, parseDate } from '../core/dates';
import type { Field, FieldType } from '../core/metadata';

type Equality = (campaign: unknown, ours: TargetValue) => boolean;

/**
 * Whether what Campaign holds already is what we would send, per type of field. Without it every record would be
 * patched on every run, and a patch costs two engine calls. Where two forms can't be told equal with certainty they
 * count as different: a needless patch is cheap, a lost change is not.
 *
 * Campaign has no null for plain values: an empty text or date reads `""`, an empty number 0, an empty boolean false,
 * an unset link `null` (docs/facts/campaign.md, "JSON"). So null, undefined and the empty value of the type are one and
 * the same here.
 */
const EQUALITY_OF: Readonly<Record<FieldType, Equality>> = {
  string: sameText,
  other: sameText,
  enumeration: sameText,
  integer: sameInteger,
  double: sameNumber,
  // Campaign's float has 32 bits: what we send as 0.1 may come back as 0.10000000149011612.
  float: (campaign, ours) => sameNumber(campaign, ours, Math.fround),
  boolean: (campaign, ours) => booleanOf(campaign) !== undefined && booleanOf(campaign) === booleanOf(ours),
  date: (campaign, ours) => dayOf(campaign) !== undefined && dayOf(campaign) === dayOf(ours),
  datetime: (campaign, ours) => instantOf(campaign) !== undefined && instantOf(campaign) === instantOf(ours),
  // A link is set by a primary key that Campaign writes differently in each of its responses: it can't be compared.
  link: (campaign, ours) => isEmpty(campaign) && isEmpty(ours),
};

/**
 * Policies under which Campaign changes the letters' case or cuts blanks itself, each with the forms of a text that it
 * makes equal: two texts are one value where one of their forms is the same. Any other policy: the text is compared as
 * it is.
 *
 * Some letters have another length in the other case, and systems differ there: the upper case of `ß` is `SS`, or stays
 * `ß` where letters are changed one by one; the lower case of `İ` is `i` with a dot, or a plain `i`.
 */
const FORMS_UNDER: ReadonlyMap<string, readonly ((text: string) => string)[]> = new Map([
  ['email', [lowered]],
  ['lowerCase', [lowered]],
  ['upperCase', [(text: string) => text.toUpperCase()]],
  ['smartCase', [lowered, (text: string) => lowered(withCapitals(text.toLowerCase()))]],
]);

/**
 * True when `campaign`, as the REST API gave it, and `ours`, as it would be sent, are the same value of this field.
 * A field that the metadata does not know is compared as text, or as the type of the value that we would send.
 */
export function sameFieldValue(
  field: Pick<Field, 'type' | 'dataPolicy' | 'values'> | undefined,
  campaign: unknown,
  ours: TargetValue,
): boolean {
  if (campaign === ours) return true;
  if (field === undefined) return EQUALITY_OF[typeOfValue(ours)](campaign, ours);
  const forms = field.type === 'string' ? FORMS_UNDER.get(field.dataPolicy ?? '') : undefined;
  if (forms) return isScalar(campaign) && haveSameForm(textOf(campaign).trim(), textOf(ours).trim(), forms);
  if (field.type === 'enumeration' && isEmpty(ours) && isEmptyEntry(campaign, field.values)) return true;
  return EQUALITY_OF[field.type](campaign, ours);
}

function typeOfValue(value: TargetValue): FieldType {
  if (typeof value === 'number') return 'double';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function isScalar(value: unknown): value is SourceValue | undefined {
  return typeof value !== 'object' || value === null;
}

function textOf(value: SourceValue | undefined): string {
  return isEmpty(value) ? '' : String(value);
}

function haveSameForm(left: string, right: string, forms: readonly ((text: string) => string)[]): boolean {
  const lefts = forms.map((form) => form(left));
  return forms.some((form) => lefts.includes(form(right)));
}

/** In lower case, the dot of `İ` and the other form of a last sigma taken for none. */
function lowered(text: string): string {
  return text.toLowerCase().replaceAll('i\u0307', 'i').replaceAll('ς', 'σ');
}

/** The first letter of each word as a capital. */
function withCapitals(text: string): string {
  return text.replace(/(^|[\s\-'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** Names of entries that stand for "no value". */
const NO_VALUE =
  /^(?:0|none|null|empty|unknown|undefined|unspecified|not[ _]?(?:set|defined|specified|known|available))$/i;

/**
 * Whether an entry is what Campaign stores for an enumeration that was emptied: it has no null there, and gives the
 * first entry, by convention `unknown` or `none`. A first entry with another name may as well be a value.
 */
function isEmptyEntry(campaign: unknown, values: Field['values']): boolean {
  const first = values?.[0]?.name;
  return first !== undefined && campaign === first && NO_VALUE.test(first);
}

function sameText(campaign: unknown, ours: TargetValue): boolean {
  return isScalar(campaign) && textOf(campaign) === textOf(ours);
}

function numberOf(value: unknown): number | undefined {
  if (isEmpty(value)) return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return Number(value);
}

function sameNumber(campaign: unknown, ours: TargetValue, precision: (value: number) => number = same): boolean {
  const left = numberOf(campaign);
  const right = numberOf(ours);
  return left !== undefined && right !== undefined && precision(left) === precision(right);
}

function same(value: number): number {
  return value;
}

const INTEGER = /^\s*[+-]?\d+\s*$/;

/** As numbers only while both are exact; two long integers in text are compared digit by digit. */
function sameInteger(campaign: unknown, ours: TargetValue): boolean {
  const left = isEmpty(campaign) ? 0 : campaign;
  const right = isEmpty(ours) ? 0 : ours;
  const leftExact = typeof left === 'string' && INTEGER.test(left);
  const rightExact = typeof right === 'string' && INTEGER.test(right);
  if (leftExact && rightExact) return BigInt(left.trim()) === BigInt(right.trim());
  const a = numberOf(left);
  const b = numberOf(right);
  // An integer beyond 2^53 may have lost digits when the JSON was read.
  return a !== undefined && a === b && (Number.isSafeInteger(a) || !Number.isInteger(a));
}

function booleanOf(value: unknown): boolean | undefined {
  return isEmpty(typeof value === 'string' ? value.trim() : value) ? false : readBoolean(value, API_BOOLEANS);
}

/** `""` for an empty date; the day of a date or datetime; undefined for what is neither. */
function dayOf(value: unknown): string | undefined {
  if (isEmpty(value)) return '';
  if (typeof value !== 'string') return undefined;
  return /^(\d{4}-\d{2}-\d{2})(?:$|[ T]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?$)/.exec(value.trim())?.[1];
}

/**
 * Milliseconds since the epoch; `""` when empty; undefined for what is no datetime. Without a zone it is UTC, as
 * Campaign writes it.
 */
function instantOf(value: unknown): number | '' | undefined {
  if (isEmpty(value)) return '';
  if (typeof value !== 'string') return undefined;
  return parseDate(value.trim(), COMPARED_DATE)?.ms;
}
