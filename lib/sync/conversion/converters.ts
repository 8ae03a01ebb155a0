import { readBoolean, TYPED_BOOLEANS } from '../../core/boolean-words';
import type { SourceValue, TargetValue } from '../../core/change';
import type { ConversionSettings } from '../../core/conversions';
import type { Conversion } from './conversion-table';
import {
  campaignDateTime,
  dayIn,
  dayOf,
  MAX_YEAR,
  MIN_YEAR,
  momentOf,
  parseDate,
  travels,
  type ParsedDate,
} from '../../core/dates';
import { entryOf } from '../../core/entry-of';
import { isExactNumber, parseNumber } from '../../core/numbers';
import { FLOAT_MAX, INTEGER_RANGES } from './number-ranges';
import { rejection, type ConversionPlace } from '../../core/line-rejection';
import { cut, isLongerThan, textOf, unusableCharacterIn } from '../../core/text';

/** A value that is there. */
export type Present = Exclude<SourceValue, null>;

/** @throws RejectedRecordError where the value can't be what the field takes */
export type Converter = (value: Present, label: string | undefined) => TargetValue;

type ConverterSettings = Omit<ConversionSettings, 'whenEmpty'>;
type Maker = (settings: ConverterSettings) => Converter;

/**
 * Makes the converter of a cell of the conversion table. Every converter also takes a text, as a replacement before the
 * mapping may have put one in place of a number.
 */
export const MAKERS: Readonly<Record<Conversion, Maker>> = {
  text: (settings) => {
    const fit = fitText(settings);
    return (value) => fit(textOf(value));
  },
  'exact text': (settings) => {
    const fit = fitText(settings);
    return (value) => {
      if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        throw rejection(settings.place, 'OUT_OF_RANGE', 'the number is too large to be read exactly.', RANGE_HINT);
      }
      return fit(textOf(value));
    };
  },
  'text or label': (settings) => {
    const fit = fitText(settings);
    const read = valueOrLabel(settings);
    return (value, label) => fit(read(value, label));
  },
  integer: (settings) => {
    const [low, high] = entryOf(INTEGER_RANGES, settings.field.resType ?? 'long') ?? [-2_147_483_648, 2_147_483_647];
    const number = readNumber(settings.place);
    return (value) => {
      const whole = number(value);
      if (!Number.isInteger(whole))
        throw rejection(
          settings.place,
          'NOT_WHOLE',
          'the number has decimals, the field takes none.',
          'Round it by an expression, or choose a field of another type.',
        );
      if (whole < low || whole > high) {
        throw rejection(settings.place, 'OUT_OF_RANGE', `the number is not between ${low} and ${high}.`, RANGE_HINT);
      }
      return whole;
    };
  },
  number: (settings) => {
    const number = readNumber(settings.place);
    const max = settings.field.type === 'float' ? FLOAT_MAX : Number.MAX_VALUE;
    return (value) => {
      const result = number(value);
      if (Math.abs(result) > max)
        throw rejection(settings.place, 'OUT_OF_RANGE', 'the number is too large for the field.', RANGE_HINT);
      return result;
    };
  },
  boolean: (settings) => (value) => {
    const known = readBoolean(value, TYPED_BOOLEANS);
    if (known === undefined) {
      throw rejection(
        settings.place,
        'NOT_A_BOOLEAN',
        'the value is none of true, false, yes, no, 1, 0.',
        'Put a Replace Values node before the Field Mapper that says which values mean true and false.',
      );
    }
    return known;
  },
  date: (settings) => {
    const read = readDate(settings);
    if (settings.localDay) return (value) => localDay(read(value), settings);
    return (value) => dayIn(read(value), settings.zone);
  },
  datetime: (settings) => {
    const read = readDate(settings);
    return (value) => {
      const date = read(value);
      // Dataverse's own form only needs its separator changed; to format it anew was a fifth of the whole mapping's time.
      if (typeof value === 'string' && UTC_SECONDS.test(value))
        return `${value.slice(0, 10)} ${value.slice(11, 19)}.000Z`;
      return campaignDateTime(momentOf(date, settings.zone));
    };
  },
  entry: (settings) => {
    const entry = findEntry(settings, false);
    return (value) => entry(textOf(value).trim());
  },
  'entry by value or label': (settings) => {
    const entry = findEntry(settings, settings.choices === 'label');
    const read = valueOrLabel(settings);
    return (value, label) => entry(read(value, label).trim());
  },
  'entry of a single choice': (settings) => {
    const entry = findEntry(settings, settings.choices === 'label');
    const read = valueOrLabel(settings);
    return (value, label) => {
      const text = textOf(value);
      if (text.includes(',')) {
        throw rejection(
          settings.place,
          'SEVERAL_CHOICES',
          'several choices are set, the field takes one.',
          'Choose a text field, or pick one of the choices by an expression.',
        );
      }
      return entry(read(text, label).trim());
    };
  },
};

const RANGE_HINT = 'Correct it in Dynamics 365 or by an expression, or choose a field of another type.';
const UTC_SECONDS = /^.{10}T.{8}Z$/;

function fitText({ place, field, tooLong }: ConverterSettings): (text: string) => string {
  const max = field.maxLength === undefined || field.maxLength <= 0 ? Number.MAX_SAFE_INTEGER : field.maxLength;
  return (text) => {
    const unusable = unusableCharacterIn(text);
    if (unusable !== undefined)
      throw rejection(
        place,
        'INVALID_CHARACTER',
        `the text holds ${unusable}, which Campaign can not store.`,
        'Correct the text in Dynamics 365, or take the character out by an expression.',
      );
    if (text.length <= max || !isLongerThan(text, max)) return text;
    if (tooLong === 'cut') return cut(text, max);
    throw rejection(
      place,
      'TOO_LONG',
      `the text is longer than the ${max} characters of the field.`,
      'Shorten it in Dynamics 365 or by an expression, or let the Field Mapper cut long texts (Options).',
    );
  };
}

function valueOrLabel({
  place,
  choices,
  options,
}: ConverterSettings): (value: Present, label: string | undefined) => string {
  if (choices === 'value') return (value) => textOf(value);
  const labels = new Map((options ?? []).map((option) => [String(option.value), option.label]));
  return (value, label) => {
    if (label !== undefined) return label;
    const key = typeof value === 'boolean' ? String(Number(value)) : String(value);
    const known = labels.get(key) ?? labelsOfSeveral(key, labels);
    if (known === undefined) {
      throw rejection(
        place,
        'LABEL_MISSING',
        'Dynamics 365 gave no display label for the value.',
        'Switch on Display Labels in the options of the node that reads the rows, or map the technical value.',
      );
    }
    return known;
  };
}

/** `2,3` to `Hiking; Skiing`, as Dataverse joins them. */
function labelsOfSeveral(key: string, labels: ReadonlyMap<string, string>): string | undefined {
  if (!key.includes(',')) return undefined;
  const known = key.split(',').map((part) => labels.get(part.trim()));
  return known.includes(undefined) ? undefined : known.join('; ');
}

function readNumber(place: ConversionPlace): (value: Present) => number {
  return (value) => {
    if (typeof value === 'number') return value;
    const number = typeof value === 'boolean' ? Number(value) : parseNumber(value);
    if (number === undefined) {
      throw rejection(
        place,
        'NOT_A_NUMBER',
        'the text is no number (digits, a decimal point, no grouping).',
        'Correct it in Dynamics 365, or make a number of it by an expression.',
      );
    }
    if (typeof value === 'string' && !isExactNumber(value)) {
      throw rejection(
        place,
        'TOO_MANY_DIGITS',
        'the number has more digits than a number of JSON carries exactly (about 15).',
        'Map it to a text field of Campaign, where it stays exact, or round it by an expression.',
      );
    }
    return number;
  };
}

function readDate({ place }: ConverterSettings): (value: Present) => ParsedDate {
  return (value) => {
    const date = typeof value === 'string' ? parseDate(value.trim()) : undefined;
    if (!date) {
      throw rejection(
        place,
        'INVALID_DATE',
        'the value is no date of the form 2023-04-07 or 2023-04-07T21:59:01Z, or no day of the calendar.',
        'Correct it in Dynamics 365, or bring it into this form by an expression.',
      );
    }
    if (!travels(date)) {
      throw rejection(
        place,
        'DATE_OUT_OF_RANGE',
        `the year is not between ${MIN_YEAR} and ${MAX_YEAR}.`,
        'Correct it in Dynamics 365. Where a late year means "never", leave the date out by an expression that gives null.',
      );
    }
    return date;
  };
}

/**
 * The day of a moment that is the midnight of a day somewhere: of the node's time zone, or of UTC where both days are the same, as
 * programs write it. Any other moment may be of two days.
 */
function localDay(date: ParsedDate, { place, zone }: ConverterSettings): string {
  if (!date.zoned) return dayIn(date, zone);
  const day = dayOf(date.ms, zone);
  const isMidnight = (ms: number) => ms % 86_400_000 === 0;
  const ofUtc = isMidnight(date.ms) && new Date(date.ms).toISOString().slice(0, 10) === day;
  if (ofUtc || isMidnight(date.ms + zone.offsetAt(date.ms))) return day;
  throw rejection(
    place,
    'DAY_NOT_CERTAIN',
    `the column holds a day, and the value is no midnight in the time zone ${zone.name}, so it may be the day before or after.`,
    'Set the Time Zone of the Field Mapper to the one in which people enter these days.',
  );
}

/** Entries are matched by internal name, exactly and then without case; by Campaign's label only where labels were chosen. */
function findEntry(settings: ConverterSettings, byLabel: boolean): (text: string) => string {
  const { field, place, unknownEntries } = settings;
  if (!field.values) return fitText(settings);
  const names = new Set(field.values.map(({ name }) => name));
  const lower = new Map<string, string>();
  // Later ones win: a name is stronger than a label.
  if (byLabel) for (const { name, label } of field.values) lower.set(label.trim().toLowerCase(), name);
  for (const { name } of field.values) lower.set(name.toLowerCase(), name);
  return (text) => {
    if (names.has(text)) return text;
    const known = lower.get(text.toLowerCase());
    if (known !== undefined) return known;
    if (unknownEntries === 'passOn') return text;
    throw rejection(
      place,
      'UNKNOWN_ENUMERATION_VALUE',
      'the value is no entry of the enumeration in Campaign.',
      'Say with a Replace Values node which entry stands for which value, or add the entry in Campaign.',
    );
  };
}
