import type { SourceValue, TargetValue } from './change';
import type { ConversionPlace } from './line-rejection';
import type { ChoiceOption, ColumnType, Field, FieldType } from './metadata';
import type { TimeZone } from './time-zone';

/** What an empty value does: clears the field, or leaves it as it is in Campaign. */
export type WhenEmpty = 'clear' | 'keep';

/**
 * Turns one value into what Campaign takes; `undefined`: the field is left out of what is written.
 * @throws RejectedRecordError where that is not possible
 */
export type ConvertValue = (value: SourceValue, label: string | undefined) => TargetValue | undefined;

/** Everything a conversion is made of; read once per batch. */
export interface ConversionSettings {
  readonly place: ConversionPlace;
  readonly field: Field;
  /** Choices, booleans and lookups as technical value or as display label. */
  readonly choices: 'value' | 'label';
  /** Labels of the column's options, for records that came without labels. */
  readonly options: readonly ChoiceOption[] | undefined;
  readonly zone: TimeZone;
  /** The column holds days as moments of their midnight (`Column.behavior`). @default false */
  readonly localDay?: boolean;
  readonly tooLong: 'reject' | 'cut';
  /** `passOn`: a Replace Values node that follows makes a known entry of it. */
  readonly unknownEntries: 'reject' | 'passOn';
  readonly whenEmpty: WhenEmpty;
}

/**
 * How values of Dynamics 365 become values of Campaign: what the mapping and the replacements need of it.
 * `lib/sync/conversion/conversions.ts` implements it.
 */
export interface Conversions {
  /** The conversion of a column's values; undefined where the table of conversions lists none. */
  compile(from: ColumnType, settings: ConversionSettings): ConvertValue | undefined;

  /**
   * The conversion of an expression's values, by the type that each of them has; undefined for a field that takes no value at all
   * (a link).
   */
  compileExpression(settings: ConversionSettings): ConvertValue | undefined;

  /** True if values of the column type may go into a field of the type. */
  isConvertible(from: ColumnType, to: FieldType): boolean;

  /** What an empty value becomes; undefined where the field is then left out of what is written. */
  emptyValue(settings: Pick<ConversionSettings, 'field' | 'whenEmpty'>): TargetValue | undefined;
}
