import { TARGET_FIELDS, type Change, type Mapped, type Target, type TargetValue } from '../../core/change';
import type { Conversions } from '../../core/conversions';
import { TimeZone } from '../../core/time-zone';
import { ConfigurationError, RejectedRecordError } from '../../core/errors';
import type { Field, FieldType, ResourceDescription } from '../../core/metadata';
import { entryOf } from '../../core/entry-of';
import { requirePlainTarget } from '../../core/plain-value';
import { Problems } from '../../core/problems';
import { rejectionOutcome } from '../../core/rejection-outcome';
import { resolveField } from '../../core/resolve-column';
import { isNameLike } from '../../core/name-like';
import { keyMaker, type Likeness } from './lookup';
import type { Replaced, ReplacementRow, ReplacementSettings } from './replacement-settings';

interface FieldReplacements {
  readonly name: string;
  readonly line: number;
  readonly keyOf: (value: TargetValue) => string;
  readonly byKey: ReadonlyMap<string, TargetValue>;
}

const LIKENESS: Readonly<Record<FieldType, Likeness>> = {
  string: 'text',
  enumeration: 'text',
  date: 'text',
  datetime: 'text',
  link: 'text',
  other: 'text',
  integer: 'number',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
};

/**
 * Compiles replacements in what goes to Campaign, after the mapping. Afterwards every enumeration field whose entries are
 * known must hold one of them: the Field Mapper may have passed on values for this node to replace.
 *
 * @param conversions what new values become; `lib/sync/conversion/conversions.ts`
 * @throws ConfigurationError that names every wrong row; the replacing itself throws FIELD_NOT_MAPPED, RESOURCE_MISMATCH
 */
export function compileTargetReplacements(
  settings: ReplacementSettings,
  resource: ResourceDescription,
  conversions: Conversions,
): (change: Change | Mapped) => Replaced<Change | Mapped> {
  const problems = new Problems();
  const fields = compileFields(settings, resource, conversions, problems);
  problems.throwIfAny();
  const enumerations = resource.fields
    .filter((field) => field.type === 'enumeration' && field.values)
    .map((field) => ({ name: field.name, entries: new Set([...(field.values ?? []).map(({ name }) => name), '']) }));
  return (change) => {
    if (change.change === 'delete' || change.outcome) return { change, count: 0 };
    const { target } = change;
    requireTarget(target, resource);
    try {
      requirePlainTarget(target);
    } catch (error) {
      return { change: withoutTarget(change, error), count: 0 };
    }
    const { target: replaced, count } = replaceIn(target, fields);
    for (const { name, entries } of enumerations) {
      const part = partOf(replaced, name);
      const value = part && replaced[part][name];
      if (value === undefined || value === null || entries.has(String(value))) continue;
      return { change: withoutTarget(change, unknownEntry(name, entryOf(target.lines ?? {}, name))), count: 0 };
    }
    return count === 0 ? { change, count } : { change: { ...change, target: replaced }, count };
  };
}

function withoutTarget<C extends Change | Mapped>({ target: _mapped, ...rest }: C, why: unknown): Omit<C, 'target'> {
  return { ...rest, outcome: rejectionOutcome(why) };
}

function replaceIn(target: Target, fields: readonly FieldReplacements[]): { target: Target; count: number } {
  let result = target;
  let count = 0;
  for (const { name, line, keyOf, byKey } of fields) {
    const part = partOf(target, name);
    const value = part && target[part][name];
    if (part === undefined || value === undefined) {
      if (target.lines && !Object.hasOwn(target.lines, name)) throw notMapped(name, line);
      continue;
    }
    const found = byKey.get(keyOf(value));
    if (found === undefined) continue;
    count++;
    result = { ...result, [part]: { ...result[part], [name]: found } };
  }
  return { target: result, count };
}

/** Which of a target's maps has a field. */
function partOf(target: Target, field: string): (typeof TARGET_FIELDS)[number] | undefined {
  return TARGET_FIELDS.find((part) => Object.hasOwn(target[part], field));
}

function compileFields(
  settings: ReplacementSettings,
  resource: ResourceDescription,
  conversions: Conversions,
  problems: Problems,
): FieldReplacements[] {
  const byField = new Map<string, FieldReplacements & { byKey: Map<string, TargetValue> }>();
  for (const row of settings.rows) {
    const field = resolveField(row.name, `Line ${row.line}`, resource, problems);
    const value = field && newValueOf(row, field, conversions, problems);
    if (!field || value === undefined) continue;
    let known = byField.get(field.name);
    if (!known) {
      const keyOf = keyMaker(LIKENESS[field.type], settings.caseSensitive);
      known = { name: field.name, line: row.line, keyOf, byKey: new Map() };
      byField.set(field.name, known);
    }
    const key = known.keyOf(row.oldValue.empty ? null : row.oldValue.value);
    if (!known.byKey.has(key)) known.byKey.set(key, value);
  }
  return [...byField.values()];
}

/** The new value as the field takes it, by the same conversion as a text of Dynamics 365. */
function newValueOf(
  { newValue, line }: ReplacementRow,
  field: Field,
  conversions: Conversions,
  problems: Problems,
): TargetValue | undefined {
  const convert = conversions.compile('string', {
    place: { line, source: 'new value', field: field.name },
    field,
    choices: 'value',
    options: undefined,
    zone: TimeZone.named('UTC'),
    tooLong: 'reject',
    unknownEntries: 'reject',
    whenEmpty: 'clear',
  });
  try {
    const value = newValue.empty
      ? conversions.emptyValue({ field, whenEmpty: 'clear' })
      : convert?.(newValue.value, undefined);
    if (value !== undefined) return value;
    problems.add({
      where: `Line ${line}`,
      code: 'NEW_VALUE_NOT_VALID',
      message: `the field "${field.name}" can't be given this new value.`,
      hint: 'Choose one of the list, or give a value of the type of the field.',
    });
  } catch (error) {
    if (!(error instanceof RejectedRecordError)) throw error;
    problems.add({
      where: `Line ${line}`,
      code: 'NEW_VALUE_NOT_VALID',
      message: `the new value does not fit the field "${field.name}" (${error.code}).`,
      hint: 'Choose one of the list, or give a value of the type of the field.',
    });
  }
  return undefined;
}

function requireTarget(target: Target | undefined, { resource }: ResourceDescription): asserts target is Target {
  if (!target) {
    throw new ConfigurationError('NOT_MAPPED_YET', 'The items have no Campaign fields yet.', {
      hint: 'Put this node after the Field Mapper, or set it to replace before the mapping.',
    });
  }
  if (target.resource !== resource.name) {
    // It comes from the item, which may have been edited on its way.
    const resourceName = isNameLike(target.resource) ? `"${target.resource}"` : 'of another name';
    throw new ConfigurationError(
      'RESOURCE_MISMATCH',
      `The items go to the Campaign resource ${resourceName}, and the node is set to "${resource.name}".`,
      { hint: 'Choose the same resource as in the Field Mapper.' },
    );
  }
}

function notMapped(field: string, line: number): ConfigurationError {
  return new ConfigurationError(
    'FIELD_NOT_MAPPED',
    `Line ${line}: the Field Mapper does not map the field "${field}".`,
    {
      hint: 'Add it to the mapping, or take the line out.',
    },
  );
}

function unknownEntry(field: string, mappingLine: number | undefined): RejectedRecordError {
  return new RejectedRecordError(
    'UNKNOWN_ENUMERATION_VALUE',
    `The value of "${field}" is no entry of the enumeration in Campaign.`,
    {
      field,
      mappingLine,
      hint: 'Add a replacement for it in the Replace Values node, or add the entry in Campaign.',
    },
  );
}
