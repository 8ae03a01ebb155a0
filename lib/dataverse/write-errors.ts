import { redact } from '../http/redact';
import { errorFrom, type ErrorRow, type ErrorTable } from '../core/error-table';
import { sentence, type SyncError } from '../core/errors';
import { unknownColumns } from '../core/unknown-column';
import { explained, PRIVILEGE_CODES, privilegeNamedIn, READ_ERRORS, statusOf, tableUnknown } from './errors';
import { factsOf, seen, type DataverseErrorContext, type RefusedResponse, type ResponseFacts } from './response-facts';

/** A row is not there: the one that is addressed, or one that it points to. A table or column that is unknown has other words. */
export const rowMissing = seen(
  { status: 404, code: ['80040217', '80060891'] },
  { status: 404, message: /does not exist/i },
);

/** Another row has what must be unique: by an alternate key, by the primary key, by a duplicate detection rule. */
const DUPLICATE = { key: '80060892', primaryKey: '80040237', rule: '80040333' } as const;

interface Refusal {
  /** Dataverse's code. */
  readonly dataverse: string;
  readonly code: string;
  /** Completes "Dynamics 365 refused to ...: ". */
  readonly what: string;
  readonly hint: string;
}

/** Refusals that concern one row, by Dataverse's code (docs/facts/dataverse.md, "Errors"). */
const REFUSALS: readonly Refusal[] = [
  {
    dataverse: DUPLICATE.key,
    code: 'DUPLICATE_KEY',
    what: 'another row has the same alternate key',
    hint: 'Find the other row in Dynamics 365 and correct one of the two.',
  },
  {
    dataverse: DUPLICATE.primaryKey,
    code: 'DUPLICATE_KEY',
    what: 'another row has the same key',
    hint: 'Find the other row in Dynamics 365 and correct one of the two.',
  },
  {
    dataverse: DUPLICATE.rule,
    code: 'DUPLICATE_DETECTED',
    what: 'a duplicate detection rule found another row',
    hint: 'Merge the rows in Dynamics 365, or switch duplicate detection off in the options of the node.',
  },
  {
    dataverse: '80040203',
    code: 'REFUSED_VALUE',
    what: 'a value is not allowed',
    hint: 'Check the values of the record against the columns in Dynamics 365.',
  },
  {
    dataverse: '8004431a',
    code: 'UNKNOWN_CHOICE',
    what: 'a value is none of the options of its choice',
    hint: 'Give the number of an option that the column has, or add the option in Dynamics 365.',
  },
  {
    dataverse: '80044331',
    code: 'TOO_LONG',
    what: 'a text is longer than its column takes',
    hint: 'Make the column longer in Dynamics 365, or shorten the text in the flow.',
  },
  {
    dataverse: '80048408',
    code: 'STATUS_NOT_ALLOWED',
    what: 'the status does not fit the state',
    hint: 'Write a state and a status that belong together.',
  },
  {
    dataverse: '80040265',
    code: 'PLUG_IN_REFUSED',
    what: 'a plug-in or business rule refused it',
    hint: 'Ask who looks after the plug-ins of this table in Dynamics 365.',
  },
];

/**
 * What refused writes mean. A refusal of one row is `rejected`; wrong columns, missing privileges of the table, the sign-in and limits
 * concern all rows. 412 for an etag and 404 of the row itself are told apart before ({@link isStale}, {@link isRowMissing}).
 */
export const WRITE_ERRORS: ErrorTable<ResponseFacts> = {
  rows: [
    ...REFUSALS.map(({ dataverse, code, what, hint }): ErrorRow<ResponseFacts> => ({
      when: seen({ status: [400, 412], code: dataverse }),
      consequence: 'rejected',
      code,
      message: ({ purpose }) => `Dynamics 365 refused to ${purpose}: ${what}.`,
      hint,
    })),
    {
      when: seen({ message: /undeclared property '([^']+)' which only has property annotations/i }),
      consequence: 'configuration',
      code: 'BIND_NAME_UNKNOWN',
      message: (_facts, property) =>
        `Dynamics 365 does not know the relationship "${property}" with which a lookup was to be set.`,
      hint: 'The table or its relationships changed. Run again; if it stays, choose the table and columns again.',
    },
    {
      when: seen({ status: 400, message: /The property '([\w@.]+)' does not exist on type/i }),
      error: ({ table }, column = '') =>
        unknownColumns(table === undefined ? undefined : { name: table }, [column], {
          cause: 'It was renamed or removed, or only just added.',
          then: 'Choose the columns of the node again.',
        }),
    },
    {
      // Dataverse names the privilege where the user lacks it for the whole table; without a name it is this row.
      when: seen({ status: 403, code: PRIVILEGE_CODES, without: /\bprv\w+/ }),
      consequence: 'rejected',
      code: 'ACCESS_DENIED',
      message: ({ purpose }) => `Dynamics 365 does not let this user ${purpose}: not this row.`,
      hint: 'Give the application user a security role with organization-level write on the table.',
    },
    {
      // 80072560: no user of the organization at all, see READ_ERRORS.
      when: ({ status, code }) => status === 403 && code !== '80072560',
      consequence: 'configuration',
      code: 'PRIVILEGE_MISSING',
      message: ({ purpose, message }) =>
        `Dynamics 365 does not allow this user to ${purpose}${privilegeNamedIn(message)}.`,
      hint: 'Give the application user a security role with create, write, append and append to on the table.',
    },
    {
      when: rowMissing,
      consequence: 'rejected',
      code: 'ROW_NOT_FOUND',
      message: ({ purpose }) => `Dynamics 365 could not ${purpose}: the row, or a row it points to, is not there.`,
      hint: 'Correct the ID of the row and the values of its lookups. For a new row choose Upsert.',
    },
    {
      when: seen({ status: 404 }),
      error: ({ table }) => tableUnknown(table ?? ''),
    },
    {
      when: seen({ status: [400, 412, 413], without: /property named '\w+'/ }),
      consequence: 'rejected',
      code: 'REFUSED_BY_DYNAMICS',
      message: ({ purpose, message, sent, ...facts }) =>
        sentence(
          `Dynamics 365 refused to ${purpose} (${statusOf(facts)})${explained(redact(message, valuesOf(sent)))}`,
        ),
      hint: 'Correct the row by the reason that Dynamics 365 gives.',
    },
    ...READ_ERRORS.rows,
  ],
  otherwise: READ_ERRORS.otherwise,
};

/** A refused write as an error, without any value of the record. */
export function writeError(response: RefusedResponse, context: DataverseErrorContext): SyncError {
  return errorFrom(WRITE_ERRORS, factsOf(response, context));
}

/** The row is another one than the condition said, or gone. Duplicates have the same status and another code. */
export function isStale(response: RefusedResponse): boolean {
  const { status, code } = factsOf(response, { purpose: '' });
  const duplicate = Object.values<string>(DUPLICATE).includes(code);
  return (status === 412 && !duplicate) || isRowMissing(response);
}

/** See {@link rowMissing}. */
export function isRowMissing(response: RefusedResponse): boolean {
  return Boolean(rowMissing(factsOf(response, { purpose: '' })));
}

function valuesOf(body: object | undefined): string[] {
  return Object.values(body ?? {})
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String);
}
