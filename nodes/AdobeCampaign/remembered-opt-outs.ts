import { z } from 'zod';
import { readGuid } from '../../lib/core/guid';
import { OPT_OUT_FIELDS, optOutField, type OptOutField } from '../../lib/core/opt-out-fields';
import { settingsInvalid } from '../shared/parse-parameters';

/** A row of the Data table; what else it has does not matter. An empty one stands for an empty table, or was added by hand. */
const row = z.object({ recordId: z.string().nullable().default(''), optOuts: z.string().nullable().default('') });
const rows = z.array(row);

/**
 * Rows of a Data table with the opt-outs of profiles that were deleted: `recordId`, and `optOuts` with the names of the fields,
 * separated by commas. Nothing at all is an empty table. What several rows remember of one person counts together, and a GUID is the same in
 * every form.
 *
 * @returns opt-outs by key, in the order of OPT_OUT_FIELDS
 * @throws ConfigurationError SETTINGS_INVALID for what can't be read: an opt-out in it would be lost
 */
export function readRememberedOptOuts(value: unknown): RememberedOptOuts {
  if (value === undefined || value === null || value === '') return new RememberedOptOuts();
  const read = rows.safeParse(typeof value === 'string' ? parseJson(value) : value);
  if (!read.success) throw unreadable('it is no list of rows with "recordId" and "optOuts"');
  const remembered = new RememberedOptOuts();
  for (const { recordId, optOuts } of read.data) {
    if (recordId) remembered.add(recordId, fieldsIn(optOuts));
  }
  return remembered;
}

/** What is remembered, by key. */
export class RememberedOptOuts {
  private readonly byKey = new Map<string, readonly OptOutField[]>();

  /** Of a key that is there already, the fields are added to those that it has. */
  add(key: string, fields: readonly OptOutField[]): void {
    this.byKey.set(sameKey(key), fieldsIn([...(this.get(key) ?? []), ...fields].join()));
  }

  /** In the order of OPT_OUT_FIELDS; undefined where nothing is remembered. */
  get(key: string): readonly OptOutField[] | undefined {
    return this.byKey.get(sameKey(key));
  }
}

/** The key itself, unless it is a GUID: written by hand or by another system it may have another form. */
function sameKey(key: string): string {
  return readGuid(key) ?? key;
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
