import { ConfigurationError, sentence } from './errors';
import { nearestName, type Problem } from './problems';

interface Named {
  readonly name: string;
  readonly label?: string | undefined;
}

interface Unknown {
  /** What there is: the nearest name is proposed. Absent where it was the other system that refused the name. */
  readonly candidates?: Iterable<{ readonly name: string; readonly label: string }>;
  /** Why it may be so, as a whole sentence. @default that it may have been renamed or removed */
  readonly cause?: string;
  /** What the user can do, as a whole sentence. */
  readonly then: string;
}

/**
 * UNKNOWN_COLUMN: a table lacks columns that a node names.
 *
 * @param table undefined where it is not known which one
 * @param names the message names them all; none where the other system's word for it can't be shown
 */
export function unknownColumns(
  table: Named | undefined,
  names: readonly string[],
  { candidates, cause = goneColumn(names), then }: Unknown,
): ConfigurationError {
  const readable = candidates ? ' that could be read' : '';
  const which = names.length === 0 ? 'of one of the names that were asked for' : listed(names);
  const message = `The table${table ? ` ${labelled(table)}` : ''} has no column ${which}${readable}.${proposal(names, candidates)}`;
  return new ConfigurationError('UNKNOWN_COLUMN', message, { hint: sentence(`${cause} ${then}`) });
}

/** UNKNOWN_FIELD: a resource of Campaign lacks fields that a node names; as {@link unknownColumns}. */
export function unknownFields(
  resource: Named,
  names: readonly string[],
  { candidates, cause = goneField(names), then }: Unknown,
): ConfigurationError {
  const message = `The resource ${labelled(resource)} has no field ${listed(names)}.${proposal(names, candidates)}`;
  return new ConfigurationError('UNKNOWN_FIELD', message, { hint: sentence(`${cause} ${then}`) });
}

/** {@link unknownColumns} as the problem of one line: it stands among others and is short. */
export function unknownColumnIn(
  where: string,
  { name: table }: Named,
  name: string,
  { candidates, cause = goneColumn([name]), then }: Unknown,
): Problem {
  const message = `the table "${table}" has no readable column "${name}".${proposal([name], candidates)}`;
  return { where, code: 'UNKNOWN_COLUMN', message, hint: sentence(`${cause} ${then}`) };
}

/** {@link unknownFields} as the problem of one line. */
export function unknownFieldIn(
  where: string,
  { name: resource }: Named,
  name: string,
  { candidates, cause = goneField([name]), then }: Unknown,
): Problem {
  const message = `the Campaign resource "${resource}" has no field "${name}".${proposal([name], candidates)}`;
  return { where, code: 'UNKNOWN_FIELD', message, hint: sentence(`${cause} ${then}`) };
}

function goneColumn({ length }: readonly string[]): string {
  return length > 1
    ? 'They may have been renamed or removed in Dynamics 365, or the application user may not read them.'
    : 'It may have been renamed or removed in Dynamics 365, or the application user may not read it.';
}

function goneField({ length }: readonly string[]): string {
  return `${length > 1 ? 'They' : 'It'} may have been renamed or removed in Campaign.`;
}

/** A question with the nearest names, or an empty string; starts with a space. */
function proposal(names: readonly string[], candidates: Unknown['candidates'] = []): string {
  const all = [...candidates];
  const nearest = names.flatMap((name) => {
    const near = nearestName(name, all);
    if (near === undefined) return [];
    return names.length > 1 ? `"${near}" instead of "${name}"` : `"${near}"`;
  });
  return nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`;
}

function labelled({ name, label = name }: Named): string {
  return label === name ? `"${name}"` : `"${label}" (${name})`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
