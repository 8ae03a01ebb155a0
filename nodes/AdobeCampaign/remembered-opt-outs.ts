import { z } from 'zod';
import { OPT_OUT_FIELDS, optOutField, type OptOutField } from '../../lib/core/opt-out-fields';
import { settingsInvalid } from '../shared/parse-parameters';

/** A row of the Data table; what else it has does not matter. An empty one stands for an empty table. */
const row = z.object({ recordId: z.string().default(''), optOuts: z.string().nullable().default('') });
const rows = z.array(row);

/**
 * Rows of a Data table with the opt-outs of profiles that were deleted: `recordId`, and `optOuts` with the names of the fields,
 * separated by commas. Nothing at all is an empty table.
 *
 * @returns opt-outs by key, in the order of OPT_OUT_FIELDS
 * @throws ConfigurationError SETTINGS_INVALID for what can't be read: an opt-out in it would be lost
 */
export function readRememberedOptOuts(value: unknown): ReadonlyMap<string, readonly OptOutField[]> {
  if (value === undefined || value === null || value === '') return new Map();
  const read = rows.safeParse(typeof value === 'string' ? parseJson(value) : value);
  if (!read.success) throw unreadable('it is no list of rows with "recordId" and "optOuts"');
  return new Map(
    read.data.filter(({ recordId }) => recordId !== '').map(({ recordId, optOuts }) => [recordId, fieldsIn(optOuts)]),
  );
}

/** The fields that a list of names means, in a fixed order. */
export function fieldsIn(names: string | null): OptOutField[] {
  const meant = new Set(
    (names ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => {
        const field = optOutField(name);
        if (field) return field;
        throw unreadable('"optOuts" names a field that is none of Campaign\'s opt-outs');
      }),
  );
  return (Object.keys(OPT_OUT_FIELDS) as OptOutField[]).filter((field) => meant.has(field));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(why: string) {
  return settingsInvalid('Adobe Campaign node', [`"Remembered Opt-Outs" can't be read: ${why}`]);
}
