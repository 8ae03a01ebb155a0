import type { SourceValue, TargetValue } from '../../core/change';
import type { ConversionSettings, ConvertValue } from '../../core/conversions';
import type { ColumnType, FieldType } from '../../core/metadata';
import { optOutField } from '../../core/opt-out-fields';
import { CONVERSION_TABLE, EXPRESSION_VALUE_TYPES } from './conversion-table';
import { MAKERS, type Converter } from './converters';
import { rejection } from '../../core/line-rejection';

/** True if values of the column type may go into a field of the type. */
export function isConvertible(from: ColumnType, to: FieldType): boolean {
  return CONVERSION_TABLE[from][to] !== undefined;
}

/** The conversion of a column's values; undefined where the table lists none. */
export function compileConversion(from: ColumnType, settings: ConversionSettings): ConvertValue | undefined {
  const conversion = CONVERSION_TABLE[from][settings.field.type];
  if (!conversion) return undefined;
  return withEmpty(MAKERS[conversion](settings), settings);
}

/**
 * The conversion of an expression's values, by the type that each of them has.
 * @returns undefined for a field that takes no value at all (a link)
 */
export function compileExpressionConversion(settings: ConversionSettings): ConvertValue | undefined {
  const byType = (type: ColumnType): Converter | undefined => {
    const conversion = CONVERSION_TABLE[type][settings.field.type];
    return conversion && MAKERS[conversion]({ ...settings, choices: 'value', options: undefined });
  };
  const converters = {
    string: byType(EXPRESSION_VALUE_TYPES.string),
    number: byType(EXPRESSION_VALUE_TYPES.number),
    boolean: byType(EXPRESSION_VALUE_TYPES.boolean),
  };
  if (!converters.string) return undefined;
  return withEmpty((value, label) => {
    const kind = typeof value as keyof typeof converters;
    const convert = converters[kind];
    if (!convert) {
      throw rejection(
        settings.place,
        'NOT_CONVERTIBLE',
        `the expression gave a ${kind}, which a ${settings.field.type} field does not take.`,
        'Let the expression give a value that fits the field, or choose a field of another type.',
      );
    }
    return convert(value, label);
  }, settings);
}

function withEmpty(convert: Converter, settings: ConversionSettings): ConvertValue {
  const empty = emptyValue(settings);
  const { place, field } = settings;
  const rejectEmpty = field.mandatory && empty === '';
  return (value, label) => {
    if (value !== null && !isBlank(value)) return convert(value, label);
    if (rejectEmpty) {
      throw rejection(
        place,
        'MANDATORY_FIELD_EMPTY',
        'the value is empty, and the field is mandatory in Campaign.',
        'Fill it in Dynamics 365, or give a stand-in by an expression.',
      );
    }
    return empty;
  };
}

/** A text of nothing, or of spaces alone, says nothing: in every type of field it is as good as null. */
function isBlank(value: Exclude<SourceValue, null>): boolean {
  return typeof value === 'string' && (value === '' || value.trim() === '');
}

/** Names of entries that stand for "nothing is known", in the order of preference. */
const EMPTY_ENTRIES = ['', 'unknown', 'none', 'undefined'];

/**
 * What clears a field. Campaign has no null outside of links: it reports an empty text or date as `""`, an empty number
 * as 0, an empty boolean as false (docs/facts/campaign.md, "JSON"), so these are what is sent.
 */
export function emptyValue({
  field,
  whenEmpty,
}: Pick<ConversionSettings, 'field' | 'whenEmpty'>): TargetValue | undefined {
  // An empty column is no consent: it never withdraws an opt-out.
  if (whenEmpty === 'keep' || optOutField(field.name) !== undefined) return undefined;
  switch (field.type) {
    case 'integer':
    case 'float':
    case 'double':
      return 0;
    case 'boolean':
      return false;
    case 'enumeration':
      return EMPTY_ENTRIES.find((entry) => field.values?.some(({ name }) => name === entry)) ?? '';
    default:
      return '';
  }
}
