import { sentence } from '../../core/errors';
import { resolveColumn } from '../../core/resolve-column';
import { Problems, didYouMean } from '../../core/problems';
import type { ResourceDescription, TableDescription } from '../../core/metadata';
import { unknownFieldIn } from '../../core/unknown-column';
import { parseTypedName } from '../../core/metadata';
import type { BlackListTimeField, OptOutField } from '../../core/opt-out-fields';
import { INVERTED_COLUMNS, OPT_OUT_FIELDS, optOutField, timeFieldOf } from '../../core/opt-out-fields';

/** A mapping line as the panel holds it. */
export interface LineSetting {
  /** Column of contact: `donotemail|boolean`, or the name alone. */
  readonly column: string;
  /** One of the eight Campaign fields, or its `denyList...` alias. */
  readonly field: string;
  /** True when a `true` in the column means that the person may be contacted. */
  readonly inverted: boolean;
}

/** A checked mapping line. */
export interface OptOutLine {
  /** From 1, as the panel shows it. */
  readonly line: number;
  readonly column: string;
  readonly field: OptOutField;
  readonly inverted: boolean;
  /** Campaign's field with the time of the last change; null where Campaign keeps none. */
  readonly timeField: string | null;
}

const OPT_OUT_CANDIDATES = Object.entries(OPT_OUT_FIELDS).map(([name, { label }]) => ({ name, label }));

/**
 * Checks the mapping lines against the live metadata: boolean columns on one side, the eight fields on the other. Several
 * columns may stand for one field; a column stands in one line, since it would be one consent for two channels otherwise,
 * and an opt-in by one of them would lift the opt-out of the other.
 *
 * @throws ConfigurationError naming every wrong line
 */
export function compileLines(
  settings: readonly LineSetting[],
  table: TableDescription,
  profile: ResourceDescription,
  options: { readonly blackListTimeField: BlackListTimeField },
): OptOutLine[] {
  const problems = new Problems();
  if (settings.length === 0) {
    problems.add({
      where: 'Mapping',
      code: 'NO_OPT_OUT_LINES',
      message: 'no line is there. Add at least one.',
      hint: 'Where no opt-out shall travel, set the direction to Disabled.',
    });
  }
  const columnLines = new Map<string, number>();
  const lines = settings.flatMap((setting, index) => {
    const line = index + 1;
    const where = `Line ${line}`;
    const column = checkColumn(setting, where, table, problems);
    const field = checkField(setting.field, where, profile, problems);
    if (column !== undefined) claim(columnLines, column, line, problems);
    if (column === undefined || field === undefined) return [];
    const timeField = timeFieldOf(field, options.blackListTimeField);
    return [{ line, column, field, inverted: setting.inverted, timeField }];
  });
  problems.throwIfAny();
  return lines;
}

function checkColumn(
  setting: LineSetting,
  where: string,
  table: TableDescription,
  problems: Problems,
): string | undefined {
  const column = resolveColumn(setting.column, where, table, problems);
  if (!column) return undefined;
  const { name } = column;
  if (column.type !== 'boolean') {
    problems.add({
      where,
      code: 'NOT_BOOLEAN',
      message: `the column "${name}" is ${column.type}; only boolean columns can be mapped to opt-outs.`,
      hint: 'Choose a column of the type Yes/No, such as "Do not allow Emails".',
    });
  }
  const documented = Object.hasOwn(INVERTED_COLUMNS, name) ? INVERTED_COLUMNS[name] : undefined;
  if (documented !== undefined && documented !== setting.inverted) {
    problems.add({
      where,
      code: 'INVERTED_MISMATCH',
      message: documented
        ? `in "${name}" true means Allow, so "Inverted" has to be on.`
        : `in "${name}" true means opted out, so "Inverted" has to be off.`,
      hint: `Turn "Inverted" ${documented ? 'on' : 'off'} in this line: as it is, every opt-out would be taken for an opt-in.`,
    });
  }
  return name;
}

function checkField(
  setting: string,
  where: string,
  profile: ResourceDescription,
  problems: Problems,
): OptOutField | undefined {
  const { name } = parseTypedName(setting);
  const field = optOutField(name);
  if (!field) {
    problems.add({
      where,
      code: 'NOT_AN_OPT_OUT_FIELD',
      message: sentence(`"${name}" is none of Campaign's opt-out fields.${didYouMean(name, OPT_OUT_CANDIDATES)}`),
      hint: `Choose one of them: ${Object.keys(OPT_OUT_FIELDS).join(', ')}.`,
    });
    return undefined;
  }
  const live = profile.fields.find((candidate) => candidate.name === field);
  if (!live) {
    const cause = 'Not every Campaign has all opt-out fields.';
    const then = 'Take the line out, or choose another of the opt-out fields.';
    problems.add(unknownFieldIn(where, profile.resource, field, { cause, then }));
  } else if (live.readOnly) {
    problems.add({
      where,
      code: 'READ_ONLY_FIELD',
      message: `the Campaign field "${field}" is read-only.`,
      hint: 'Take the line out: nothing can write this field.',
    });
  }
  return field;
}

function claim(taken: Map<string, number>, column: string, line: number, problems: Problems): void {
  const before = taken.get(column);
  if (before === undefined) taken.set(column, line);
  else {
    problems.add({
      where: `Line ${line}`,
      code: 'MAPPED_TWICE',
      message: `the column "${column}" is mapped in line ${before} already.`,
      hint: 'Each column can be mapped once. Several columns may stand for one Campaign field.',
    });
  }
}
