import { parseDateTime, type DateTimeFormat } from '../../core/date-time';
import { LOG_FLAG, readBoolean } from '../../core/boolean-words';
import { readGuid } from '../../core/guid';
import { rejectedOutcome, skippedOutcome, type Outcome } from '../../core/outcome';
import { codeReader, FAILURE_CODES, LINK_CODES, STATUS_CODES, type ExtraLabels } from './log-codes';
import type { Log, LogColumns } from './log-columns';
import type { EventKind, MarketingEvent } from './marketing-event';

export interface LogReaderSettings {
  /** `auto`: each row tells by its columns. */
  readonly log: Log | 'auto';
  readonly columns: LogColumns;
  readonly kinds: ReadonlySet<EventKind>;
  readonly labels?: ExtraLabels;
  /** For times that are still text: how they are written, and the zone (IANA) of those that name none. */
  readonly dateTimeFormat: DateTimeFormat;
  readonly timeZone: string;
}

/** A row of an export, whatever its columns. */
export type LogRow = Readonly<Record<string, unknown>>;

/** An event, or why there is none: `skipped` where that is as it should be, `rejected` where the row can't be understood. */
export type LogRowResult =
  { readonly kind: 'event'; readonly event: MarketingEvent } | { readonly kind: 'leftOut'; readonly outcome: Outcome };

/** Makes the function that reads one row. It never throws for what a row holds. */
export function logReader(settings: LogReaderSettings): (row: LogRow) => LogRowResult {
  const { columns, kinds } = settings;
  const readStatus = codeReader(STATUS_CODES, settings.labels?.status, 'other');
  const readFailure = codeReader(FAILURE_CODES, settings.labels?.failure, 'ignored');
  const readLink = codeReader(LINK_CODES, settings.labels?.link, 'other');

  const kindInDeliveryLog = (row: LogRow): EventKind | Outcome => {
    const status = readStatus(cell(row, columns.status));
    if (status === undefined) return unknownCode(columns.status, 'UNKNOWN_STATUS');
    if (status === 'sent') return 'send';
    if (status === 'other')
      return skippedOutcome('NOT_SENT', 'The message was not sent (ignored, pending, cancelled).');
    const failure = readFailure(cell(row, columns.failureType));
    if (failure === undefined) return unknownCode(columns.failureType, 'UNKNOWN_FAILURE_TYPE');
    return failure === 'hard' ? 'bounce' : BOUNCES_LEFT_OUT[failure];
  };
  const kindInTrackingLog = (row: LogRow): EventKind | Outcome => {
    const link = readLink(cell(row, columns.linkType));
    if (link === undefined) return unknownCode(columns.linkType, 'UNKNOWN_LINK_TYPE');
    return link === 'open' || link === 'click' ? link : LINKS_LEFT_OUT[link];
  };
  const readTime = (row: LogRow, log: Log): string | Outcome => {
    const names = log === 'tracking' ? [columns.logTime] : [columns.eventTime, columns.contactTime];
    for (const name of names) {
      const text = textOf(cell(row, name));
      if (text === '') continue;
      const time = parseDateTime(text, settings.dateTimeFormat, settings.timeZone) ?? isoTime(text);
      return time ?? rejected('TIME_UNREADABLE', `The time in the column "${name}" can't be read.`, name, TIME_HINT);
    }
    const [first] = names as [string];
    return rejected('TIME_MISSING', `The row has no time in the column "${names.join('" or "')}".`, first, COLUMN_HINT);
  };

  return (row) => {
    const log = settings.log === 'auto' ? logOf(row, columns) : settings.log;
    if (log === undefined) return leftOut(unknownLog(columns));
    const logId = textOf(cell(row, columns.id));
    if (logId === '') {
      return leftOut(
        rejected('LOG_ID_MISSING', `The row has no ID in the column "${columns.id}".`, columns.id, COLUMN_HINT),
      );
    }
    const kind = log === 'delivery' ? kindInDeliveryLog(row) : kindInTrackingLog(row);
    if (typeof kind !== 'string') return leftOut(kind);
    if (!kinds.has(kind)) return leftOut(skippedOutcome('KIND_SWITCHED_OFF', 'Events of this kind are switched off.'));
    if (readBoolean(cell(row, columns.testAddress), LOG_FLAG)) {
      return leftOut(skippedOutcome('TEST_ADDRESS', 'The message went to a test address.'));
    }
    const externalId = textOf(cell(row, columns.externalId));
    if (externalId === '')
      return leftOut(skippedOutcome('NO_EXTERNAL_ID', 'The person has no external ID: no contact of Dynamics 365.'));
    const contactId = readGuid(externalId);
    if (contactId === undefined) {
      return leftOut(skippedOutcome('NOT_A_CONTACT', "The person's external ID is not the ID of a contact."));
    }
    const time = readTime(row, log);
    if (typeof time !== 'string') return leftOut(time);
    const mirrorPageUrl = textOf(cell(row, columns.mirrorPageUrl));
    const clickedUrl = kind === 'click' ? textOf(cell(row, columns.clickedUrl)) : '';
    return {
      kind: 'event',
      event: {
        kind,
        logId,
        contactId,
        campaignName: textOf(cell(row, columns.campaignName)),
        deliveryName: textOf(cell(row, columns.deliveryName)),
        time,
        ...(mirrorPageUrl === '' ? {} : { mirrorPageUrl }),
        ...(clickedUrl === '' ? {} : { clickedUrl }),
      },
    };
  };
}

const BOUNCES_LEFT_OUT: Readonly<Record<'soft' | 'ignored', Outcome>> = {
  soft: skippedOutcome('SOFT_BOUNCE', 'A soft bounce: only hard bounces become events.'),
  ignored: skippedOutcome('BOUNCE_IGNORED', 'Campaign ignored this error: only hard bounces become events.'),
};

const LINKS_LEFT_OUT: Readonly<Record<'unsubscribe' | 'mirrorPage' | 'other', Outcome>> = {
  unsubscribe: skippedOutcome('UNSUBSCRIBE_CLICK', 'A click on the unsubscription link is no click of an offer.'),
  mirrorPage: skippedOutcome('MIRROR_PAGE_CLICK', 'The mirror page was opened, which is neither an open nor a click.'),
  other: skippedOutcome('OTHER_LINK', 'A link of another type than open and click.'),
};

const COLUMN_HINT = 'Add the column to the export in Campaign, or set its name in the Marketing Events node.';
const TIME_HINT =
  'Set how the export writes dates in the node that reads the file, or in the options of the Marketing Events node.';

function unknownLog({ status, linkType }: LogColumns): Outcome {
  return rejected(
    'LOG_UNKNOWN',
    `The row has a value in neither or in both of the columns "${status}" (delivery log) and "${linkType}" (tracking log).`,
    status,
    'Say in the Marketing Events node which log the rows are from, or set the names of the columns.',
  );
}

/** A log is known by the column that tells the kind of its events; a column that is there and empty does not count. */
function logOf(row: LogRow, columns: LogColumns): Log | undefined {
  const delivery = textOf(cell(row, columns.status)) !== '';
  const tracking = textOf(cell(row, columns.linkType)) !== '';
  if (delivery === tracking) return undefined;
  return delivery ? 'delivery' : 'tracking';
}

function unknownCode(column: string, code: string): Outcome {
  return rejected(
    code,
    `The column "${column}" is missing, empty, or has a text that is not known.`,
    column,
    'If the export has labels of another language, add them in the options of the Marketing Events node, or export numbers.',
  );
}

/** The value of a column; its name's case does not matter where there is none of exactly that name. */
function cell(row: LogRow, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  const folded = name.toLowerCase();
  for (const key of Object.keys(row)) if (key.toLowerCase() === folded) return row[key];
  return undefined;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
}

/** What the export reader made of a date-time already, whatever format is set here. */
function isoTime(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? parseDateTime(text, 'auto', 'UTC') : undefined;
}

function leftOut(outcome: Outcome): LogRowResult {
  return { kind: 'leftOut', outcome };
}

function rejected(code: string, message: string, field: string, hint: string): Outcome {
  return rejectedOutcome(code, `${message} ${hint}`, field);
}
