import { redact } from '../http/redact';
import { ConfigurationError, RejectedRecordError, type SyncError } from '../core/errors';
import { dataverseError, errorBodyOf, tableUnknown, type DataverseErrorContext } from './errors';
import type { RowResponse } from './row-requests';

/** Refusals that concern one row, by Dataverse's code (docs/facts/dataverse.md, "Errors"). */
const REFUSALS: Readonly<Record<string, readonly [code: string, message: string, hint: string]>> = {
  '80060892': ['DUPLICATE_KEY', 'another row has the same alternate key', 'Look for the other row in Dynamics 365.'],
  '80040237': ['DUPLICATE_KEY', 'another row has the same key', 'Look for the other row in Dynamics 365.'],
  '80040333': [
    'DUPLICATE_DETECTED',
    'a duplicate detection rule found another row',
    'Merge the rows in Dynamics 365, or switch duplicate detection off in the options of the node.',
  ],
  '80040203': [
    'REFUSED_VALUE',
    'a value is not allowed',
    'Check the values of the record against the columns in Dynamics 365.',
  ],
  '8004431a': [
    'UNKNOWN_CHOICE',
    'a value is none of the options of its choice',
    'Check the options of the column in Dynamics 365.',
  ],
  '80044331': [
    'TOO_LONG',
    'a text is longer than its column takes',
    'Make the column longer in Dynamics 365, or shorten the text in the flow.',
  ],
  '80048408': [
    'STATUS_NOT_ALLOWED',
    'the status does not fit the state',
    'Write state and status that belong together.',
  ],
  '80040265': [
    'PLUG_IN_REFUSED',
    'a plug-in or business rule refused it',
    'Ask who looks after the plug-ins of this table in Dynamics 365.',
  ],
};

/**
 * A refused write as an error (never a value of the record in it). 412 for an etag and 404 of the row itself are told apart before.
 *
 * A refusal of one row is a RejectedRecordError; wrong columns, missing privileges of the table, the sign-in and limits concern all rows.
 */
export function writeError(
  response: RowResponse,
  context: DataverseErrorContext & { readonly sent?: object | undefined },
): SyncError {
  const { code, message } = errorBodyOf(response.text);
  const { purpose } = context;
  const refusal = REFUSALS[code];
  if (refusal && (response.status === 400 || response.status === 412)) {
    const [name, what, hint] = refusal;
    return new RejectedRecordError(name, `Dynamics 365 refused to ${purpose}: ${what}.`, { hint });
  }
  if (/undeclared property '([^']+)' which only has property annotations/i.test(message)) {
    const property = /undeclared property '([^']+)'/i.exec(message)?.[1];
    return new ConfigurationError(
      'BIND_NAME_UNKNOWN',
      `Dynamics 365 does not know the relationship "${property}" with which a lookup was to be set.`,
      { hint: 'The table or its relationships changed. Run again; if it stays, choose the table and columns again.' },
    );
  }
  const unknown = /The property '([\w@.]+)' does not exist on type/i.exec(message)?.[1];
  if (response.status === 400 && unknown !== undefined) {
    return new ConfigurationError(
      'UNKNOWN_COLUMN',
      `Dynamics 365 has no column "${unknown}" to write in the table "${context.table ?? ''}".`,
      { hint: 'It was renamed or removed, or only just added. Choose the columns of the node again.' },
    );
  }
  // Dataverse names the privilege where the user lacks it for the whole table; without a name it is this row that the user may not write.
  if (response.status === 403 && (code === '80040220' || code === '80048306') && !/\bprv\w+/.test(message)) {
    return new RejectedRecordError('ACCESS_DENIED', `Dynamics 365 does not let this user ${purpose}: not this row.`, {
      hint: 'Give the application user a security role with organization-level write on the table.',
    });
  }
  if (response.status === 403 && code !== '80072560') {
    const privilege = /\bprv\w+/.exec(message)?.[0];
    return new ConfigurationError(
      'PRIVILEGE_MISSING',
      `Dynamics 365 does not allow this user to ${purpose}${privilege === undefined ? '' : ` (privilege ${privilege})`}.`,
      { hint: 'Give the application user a security role with create, write, append and append to on the table.' },
    );
  }
  if (response.status === 404) {
    if (isRowMissing(response)) {
      return new RejectedRecordError(
        'ROW_NOT_FOUND',
        `Dynamics 365 could not ${purpose}: the row, or a row it points to, is not there.`,
      );
    }
    return tableUnknown(context.table ?? '');
  }
  if (
    /property named '\w+'/.test(message) ||
    response.status === 401 ||
    response.status === 429 ||
    response.status >= 500
  ) {
    return dataverseError({ ...response, headers: {}, repeated: false }, context);
  }
  if (response.status === 400 || response.status === 412 || response.status === 413) {
    const text = redact(message, sentValues(context.sent));
    return new RejectedRecordError(
      'REFUSED_BY_DYNAMICS',
      `Dynamics 365 refused to ${purpose} (HTTP ${response.status}${code === '' ? '' : `, 0x${code}`})${text === '' ? '' : `: ${text}`}`,
    );
  }
  return dataverseError({ ...response, headers: {}, repeated: false }, context);
}

function sentValues(body: object | undefined): string[] {
  return Object.values(body ?? {})
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String);
}

/** The row is another one than the condition said, or gone. Duplicates have the same status and another code. */
export function isStale({ status, text }: RowResponse): boolean {
  if (status === 404) return isRowMissing({ text });
  return status === 412 && !['80060892', '80040237', '80040333'].includes(errorBodyOf(text).code);
}

/** 404 of a row, and not of a table or column. */
export function isRowMissing({ text }: Pick<RowResponse, 'text'>): boolean {
  const { code, message } = errorBodyOf(text);
  return code === '80040217' || code === '80060891' || /does not exist/i.test(message);
}
