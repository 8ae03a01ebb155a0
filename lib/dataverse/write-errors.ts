import { redact } from '../core/redact';
import { errorFrom, type ErrorRow, type ErrorTable } from '../core/error-table';
import { sentence, type SyncError } from '../core/errors';
import { unknownColumns } from '../core/unknown-column';
import {
  explained,
  NOT_A_MEMBER,
  notDataverse,
  PRIVILEGE,
  PRIVILEGE_CODES,
  privilegeNamedIn,
  READ_ERRORS,
  statusOf,
  tableUnknown,
} from './errors';
import {
  factsOf,
  seen,
  type DataverseErrorContext,
  type RefusedResponse,
  type ResponseFacts,
  knownName,
  knownNames,
  sentValues,
} from './response-facts';

/** Optimistic concurrency is not enabled for the table, so a write can't be bound to a state of the row; comes as 412, 400 or 500. */
const concurrencyOff = seen({ code: '8006088d' });

/** A row is not there: the one that is addressed, or one that it points to. A table or column that is unknown has other words. */
export const rowMissing = seen(
  { status: 404, code: ['80040217', '80060891'] },
  { status: 404, message: /does not exist/i },
);

/** The etag is not that of the row any more. */
const STALE = '80060882';

/** A gateway's page for "not found". Other pages than this may be about what is written: a firewall's, say. */
const NOT_FOUND_PAGE: ErrorRow<ResponseFacts> = {
  when: ({ isPage, status }) => isPage && status === 404,
  error: ({ purpose }) => notDataverse(purpose),
};

/** Another row has what must be unique: by an alternate key, by the primary key, by a duplicate detection rule. */
const DUPLICATE = { key: '80060892', primaryKey: '80040237', rule: '80040333' } as const;

/** Refusals that concern one row, by Dataverse's code (docs/facts/dataverse.md, "Errors"). */
const REFUSALS = [
  [DUPLICATE.key, 'DUPLICATE_KEY', 'another row has the same alternate key', 'Look for the other row in Dynamics 365.'],
  [DUPLICATE.primaryKey, 'DUPLICATE_KEY', 'another row has the same key', 'Look for the other row in Dynamics 365.'],
  [
    DUPLICATE.rule,
    'DUPLICATE_DETECTED',
    'a duplicate detection rule found another row',
    'Merge the rows in Dynamics 365, or switch duplicate detection off in the options of the node.',
  ],
  [
    '80040203',
    'REFUSED_VALUE',
    'a value is not allowed',
    'Check the values of the record against the columns in Dynamics 365.',
  ],
  [
    '8004431a',
    'UNKNOWN_CHOICE',
    'a value is none of the options of its choice',
    'Check the options of the column in Dynamics 365.',
  ],
  [
    '80044331',
    'TOO_LONG',
    'a text is longer than its column takes',
    'Make the column longer in Dynamics 365, or shorten the text in the flow.',
  ],
  [
    '80048408',
    'STATUS_NOT_ALLOWED',
    'the status does not fit the state',
    'Write state and status that belong together.',
  ],
  [
    '80040265',
    'PLUG_IN_REFUSED',
    'a plug-in or business rule refused it',
    'Ask who looks after the plug-ins of this table in Dynamics 365.',
  ],
] as const;

/**
 * What refused writes mean. A refusal of one row is `rejected`; wrong columns, missing privileges of the table, the sign-in and limits
 * concern all rows. 412 for an etag and 404 of the row itself are told apart before ({@link isStale}, {@link isRowMissing}).
 */
export const WRITE_ERRORS: ErrorTable<ResponseFacts> = {
  rows: [
    NOT_FOUND_PAGE,
    {
      when: concurrencyOff,
      consequence: 'rejected',
      code: 'CONCURRENCY_OFF',
      message: ({ purpose }) =>
        `Dynamics 365 refused to ${purpose}: its table takes no condition on the state of a row.`,
      hint: 'Use Upsert for this table, or ask an administrator to enable optimistic concurrency for it.',
    },
    ...REFUSALS.map(([code, name, what, hint]): ErrorRow<ResponseFacts> => ({
      when: seen({ status: [400, 412], code }),
      consequence: 'rejected',
      code: name,
      message: ({ purpose }) => `Dynamics 365 refused to ${purpose}: ${what}.`,
      hint,
    })),
    {
      when: seen({ message: /undeclared property '([^']+)' which only has property annotations/i }),
      consequence: 'configuration',
      code: 'BIND_NAME_UNKNOWN',
      message: (facts, property = '') => {
        const name = knownName(property, facts);
        return `Dynamics 365 does not know the relationship ${name ? `"${name}" ` : ''}with which a lookup was to be set.`;
      },
      hint: 'The table or its relationships changed. Run again; if it stays, choose the table and columns again.',
    },
    {
      when: seen({ status: 400, message: /The property '([\w@.]+)' does not exist on type/i }),
      error: (facts, column = '') =>
        unknownColumns(facts.table === undefined ? undefined : { name: facts.table }, knownNames(column, facts), {
          cause: 'It was renamed or removed, or only just added.',
          then: 'Choose the columns of the node again.',
        }),
    },
    {
      // Dataverse names the privilege where the user lacks it for the whole table; without a name it is this row.
      when: seen({ status: 403, code: PRIVILEGE_CODES, without: PRIVILEGE }),
      consequence: 'rejected',
      code: 'ACCESS_DENIED',
      message: ({ purpose }) => `Dynamics 365 does not let this user ${purpose}: not this row.`,
      hint: 'Give the application user a security role with organization-level write on the table.',
    },
    {
      when: ({ status, code }) => status === 403 && code !== NOT_A_MEMBER,
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
          `Dynamics 365 refused to ${purpose} (${statusOf(facts)})${explained(redact(message, sentValues(sent)))}`,
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

/**
 * The row is another one than the condition said, or gone. Duplicates, plug-ins and others have the same status and a code of their own;
 * a 412 without any code is what HTTP says that it is.
 */
export function isStale(response: RefusedResponse): boolean {
  const { status, code } = factsOf(response, { purpose: '' });
  return (status === 412 && (code === STALE || code === '')) || isRowMissing(response);
}

/** The table takes no condition on the state of a row (docs/facts/dataverse.md, "Writes"). */
export function isConcurrencyOff(response: RefusedResponse): boolean {
  return response.status >= 400 && Boolean(concurrencyOff(factsOf(response, { purpose: '' })));
}

/** The look-up of one row that Dataverse refused. Wrong columns, rights and limits concern all rows, anything else this one's key. */
export function lookUpError(response: RefusedResponse, context: DataverseErrorContext, setName: string): SyncError {
  return errorFrom(LOOK_UP_ERRORS, { ...factsOf(response, context), setName });
}

interface LookUpFacts extends ResponseFacts {
  readonly setName: string;
}

const LOOK_UP_ERRORS: ErrorTable<LookUpFacts> = {
  rows: [
    NOT_FOUND_PAGE,
    {
      // The table itself is not served: no key has a part in that.
      when: ({ status, message, setName }) => status === 404 && message.includes(`segment '${setName}'`),
      error: ({ table }) => tableUnknown(table ?? ''),
    },
    {
      when: (facts) => (facts.status === 400 || facts.status === 404) && !ALL_ROWS(facts),
      consequence: 'rejected',
      code: 'KEY_REFUSED',
      message: ({ purpose, ...facts }) =>
        `Dynamics 365 refused to ${purpose} by the key of this item (${statusOf(facts)}). Nothing was written.`,
      hint: 'Check the key of the record, and that its columns are an active alternate key of the table; or find the row by its ID.',
    },
    ...READ_ERRORS.rows,
  ],
  otherwise: READ_ERRORS.otherwise,
};

/** Refusals with 400 or 404 that are about the request and not about a key. */
const ALL_ROWS = seen({ code: [NOT_A_MEMBER, ...PRIVILEGE_CODES] }, { message: /property named '(\w+)'/ });

/** See {@link rowMissing}. */
export function isRowMissing(response: RefusedResponse): boolean {
  return Boolean(rowMissing(factsOf(response, { purpose: '' })));
}

/** The user may not read this row, which says that there is one. */
export function isRowUnreadable(response: RefusedResponse): boolean {
  return response.status === 403 && factsOf(response, { purpose: '' }).code !== NOT_A_MEMBER;
}
