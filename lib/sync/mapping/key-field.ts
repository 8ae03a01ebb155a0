import type { Field, ResourceDescription } from '../../core/metadata';
import type { Problem, Problems } from '../../core/problems';
import { resolveField } from '../../core/resolve-column';

const WHERE = 'Campaign key field';
/** Characters of the id of a row. */
const ID_LENGTH = 36;

/**
 * The chosen key field; undefined where there is none of this name. What keeps it from holding the id of a row is added to the problems.
 *
 * @param setting `name` or `name|type`
 */
export function resolveKeyField(setting: string, resource: ResourceDescription, problems: Problems): Field | undefined {
  const key = resolveField(setting, WHERE, resource, problems);
  const problem = key && keyFieldProblem(key);
  if (problem) problems.add({ where: WHERE, ...problem });
  return key;
}

/** What keeps a field from holding the id of a row; undefined when nothing does. */
export function keyFieldProblem({ name, type, maxLength, readOnly }: Field): Omit<Problem, 'where'> | undefined {
  if (type !== 'string' && type !== 'other') {
    return {
      code: 'KEY_FIELD_NOT_TEXT',
      message: `the field "${name}" is of the type ${type}; the key holds the id of the row, a text of ${ID_LENGTH} characters.`,
      hint: 'Choose a text field as the key, for profiles externalId.',
    };
  }
  if (maxLength !== undefined && maxLength > 0 && maxLength < ID_LENGTH) {
    return {
      code: 'KEY_FIELD_TOO_SHORT',
      message: `the field "${name}" takes ${maxLength} characters; the id of a row has ${ID_LENGTH}.`,
      hint: 'Make the field longer in Campaign, or choose another one as the key.',
    };
  }
  if (readOnly) {
    return {
      code: 'READ_ONLY_FIELD',
      message: `the field "${name}" is read-only in Campaign.`,
      hint: 'Choose another field as the key.',
    };
  }
  return undefined;
}
