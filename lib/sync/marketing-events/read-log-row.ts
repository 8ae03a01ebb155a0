import { systemClock, type Clock } from '../../core/clock';
import { parseDateTime, type DateTimeFormat } from '../../core/date-time';
import { FIRST_EVENT_MS } from '../../core/dates';
import { LOG_FLAG, readBoolean } from '../../core/boolean-words';
import { readGuid } from '../../core/guid';
import { skippedOutcome, type Outcome } from '../../core/outcome';
import { linkMatcher, MIRROR_PAGE_LINKS, UNSUBSCRIPTION_LINKS } from './link-patterns';
import { codeReader, FAILURE_CODES, LINK_CODES, STATUS_CODES, type ExtraLabels } from './log-codes';
import type { Log, LogColumns } from './log-columns';
import type { EventKind, MarketingEvent } from './marketing-event';
import { channelReader, NOT_EMAIL } from './message-channel';
import { rejectedRow } from './rejected-row';
import { cellOf, textOf, type LogRow } from './row-cells';

export interface LogReaderSettings {
  /** `auto`: each row tells by its columns. */
  readonly log: Log | 'auto';
  readonly columns: LogColumns;
  readonly kinds: ReadonlySet<EventKind>;
  readonly labels?: ExtraLabels;
  /** For times that are still text: how they are written, and the zone (IANA) of those that name none. */
  readonly dateTimeFormat: DateTimeFormat;
  readonly timeZone: string;
  /**
   * Links that are no offers, by their URL, label or category, whatever type the log gives them; see {@link linkMatcher}.
   *
   * @default UNSUBSCRIPTION_LINKS, MIRROR_PAGE_LINKS
   */
  readonly unsubscriptionLinks?: readonly string[];
  readonly mirrorPageLinks?: readonly string[];
  /** Opens and clicks that come so few seconds after the send are a scanner's. 0: none are. @default 0 */
  readonly scannerSeconds?: number;
}

/** How far an event may lie ahead of this machine's clock: clocks differ by minutes, zones by more. */
const MOST_AHEAD_MS = 10 * 60_000;

/** An event, or why there is none: `skipped` where that is as it should be, `rejected` where the row can't be understood. */
export type LogRowResult =
  { readonly kind: 'event'; readonly event: MarketingEvent } | { readonly kind: 'leftOut'; readonly outcome: Outcome };

/** Makes the function that reads one row. It never throws for what a row holds. */
export function logReader(
  settings: LogReaderSettings,
  clock: Pick<Clock, 'now'> = systemClock,
): (row: LogRow) => LogRowResult {
  const { columns, kinds, scannerSeconds = 0 } = settings;
  const channelOf = channelReader(columns, settings.labels?.channel);
  const isUnsubscription = linkMatcher(settings.unsubscriptionLinks ?? UNSUBSCRIPTION_LINKS);
  const isMirrorPage = linkMatcher(settings.mirrorPageLinks ?? MIRROR_PAGE_LINKS);
  const readStatus = codeReader(STATUS_CODES, settings.labels?.status, 'other');
  const readFailure = codeReader(FAILURE_CODES, settings.labels?.failure, 'ignored');
  const readLink = codeReader(LINK_CODES, settings.labels?.link, 'other');

  const kindInDeliveryLog = (row: LogRow): EventKind | Outcome => {
    const status = readStatus(cellOf(row, columns.status));
    if (status === undefined) return unknownCode(columns.status, 'UNKNOWN_STATUS');
    if (status === 'sent') return 'send';
    if (status === 'other')
      return skippedOutcome('NOT_SENT', 'The message was not sent (ignored, pending, cancelled).');
    const failure = readFailure(cellOf(row, columns.failureType));
    if (failure === undefined) return unknownCode(columns.failureType, 'UNKNOWN_FAILURE_TYPE');
    return failure === 'hard' ? 'bounce' : BOUNCES_LEFT_OUT[failure];
  };
  const kindInTrackingLog = (row: LogRow): EventKind | Outcome => {
    const link = readLink(cellOf(row, columns.linkType));
    if (link === undefined) return unknownCode(columns.linkType, 'UNKNOWN_LINK_TYPE');
    if (link === 'open') return link;
    return link === 'click' ? kindOfClick(row) : LINKS_LEFT_OUT[link];
  };
  /** A log gives the type "click" to the standard links too. */
  const kindOfClick = (row: LogRow): EventKind | Outcome => {
    const url = textOf(cellOf(row, columns.clickedUrl));
    const texts = [url, textOf(cellOf(row, columns.linkLabel)), textOf(cellOf(row, columns.linkCategory))];
    if (texts.some(isUnsubscription)) return LINKS_LEFT_OUT.unsubscribe;
    const isOwnMirrorPage = url !== '' && url === textOf(cellOf(row, columns.mirrorPageUrl));
    return isOwnMirrorPage || texts.some(isMirrorPage) ? LINKS_LEFT_OUT.mirrorPage : 'click';
  };
  const timeOf = (text: string) => parseDateTime(text, settings.dateTimeFormat, settings.timeZone) ?? isoTime(text);
  const readTime = (row: LogRow, log: Log): string | Outcome => {
    const names = log === 'tracking' ? [columns.logTime] : [columns.eventTime, columns.contactTime];
    for (const name of names) {
      const text = textOf(cellOf(row, name));
      if (text === '') continue;
      const time = timeOf(text);
      if (time === undefined) return unreadableTime(name);
      if (Date.parse(time) < FIRST_EVENT_MS) continue;
      return Date.parse(time) > clock.now() + MOST_AHEAD_MS ? inTheFuture(name) : time;
    }
    const [first] = names as [string];
    return rejectedRow(
      'TIME_MISSING',
      `The row has no time in the column "${names.join('" or "')}".`,
      first,
      COLUMN_HINT,
    );
  };

  /** Whether something happened too soon after the send for a person to have done it; not where the row has no time of the send. */
  const byScanner = (row: LogRow, kind: 'open' | 'click', time: string): Outcome | undefined => {
    const text = textOf(cellOf(row, columns.contactTime));
    if (text === '') return undefined;
    const sent = timeOf(text);
    if (sent === undefined) return unreadableTime(columns.contactTime);
    const seconds = (Date.parse(time) - Date.parse(sent)) / 1000;
    // The two times may be cut to whole seconds.
    return Math.abs(seconds) <= scannerSeconds ? SCANNERS[kind] : undefined;
  };

  return (row) => {
    const log = settings.log === 'auto' ? logOf(row, columns) : settings.log;
    if (log === undefined) return leftOut(unknownLog(columns));
    const channel = channelOf(row);
    if (typeof channel !== 'string') return leftOut(channel);
    const logId = textOf(cellOf(row, columns.id));
    // Beyond 15 digits a number of JSON is that of its neighbours too.
    if (logId !== '' && typeof cellOf(row, columns.id) === 'number' && !Number.isSafeInteger(Number(logId))) {
      return leftOut(logIdNotUnique(columns.id));
    }
    if (logId === '') {
      return leftOut(
        rejectedRow('LOG_ID_MISSING', `The row has no ID in the column "${columns.id}".`, columns.id, COLUMN_HINT),
      );
    }
    const kind = log === 'delivery' ? kindInDeliveryLog(row) : kindInTrackingLog(row);
    if (typeof kind !== 'string') return leftOut(kind);
    if (!kinds.has(kind)) return leftOut(skippedOutcome('KIND_SWITCHED_OFF', 'Events of this kind are switched off.'));
    if (readBoolean(cellOf(row, columns.testAddress), LOG_FLAG)) {
      return leftOut(skippedOutcome('TEST_ADDRESS', 'The message went to a test address.'));
    }
    const externalId = textOf(cellOf(row, columns.externalId));
    if (externalId === '')
      return leftOut(skippedOutcome('NO_EXTERNAL_ID', 'The person has no external ID: no contact of Dynamics 365.'));
    const contactId = readGuid(externalId);
    if (contactId === undefined) {
      return leftOut(skippedOutcome('NOT_A_CONTACT', "The person's external ID is not the ID of a contact."));
    }
    const time = readTime(row, log);
    if (typeof time !== 'string') return leftOut(time);
    const scanner =
      scannerSeconds > 0 && (kind === 'open' || kind === 'click') ? byScanner(row, kind, time) : undefined;
    if (scanner) return leftOut(scanner);
    const mirrorPageUrl = textOf(cellOf(row, columns.mirrorPageUrl));
    const clickedUrl = kind === 'click' ? textOf(cellOf(row, columns.clickedUrl)) : '';
    return {
      kind: 'event',
      event: {
        kind,
        logId,
        contactId,
        campaignName: textOf(cellOf(row, columns.campaignName)),
        deliveryName: textOf(cellOf(row, columns.deliveryName)),
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

const LINKS_LEFT_OUT: Readonly<Record<'unsubscribe' | 'mirrorPage' | 'push' | 'other', Outcome>> = {
  unsubscribe: skippedOutcome('UNSUBSCRIBE_CLICK', 'A click on the unsubscription link is no click of an offer.'),
  mirrorPage: skippedOutcome('MIRROR_PAGE_CLICK', 'The mirror page was opened, which is neither an open nor a click.'),
  push: NOT_EMAIL,
  other: skippedOutcome('OTHER_LINK', 'A link of another type than open and click.'),
};

const SCANNERS: Readonly<Record<'open' | 'click', Outcome>> = {
  open: skippedOutcome('SCANNER_OPEN', 'Opened within seconds of the send: a scanner did that, not the person.'),
  click: skippedOutcome('SCANNER_CLICK', 'Clicked within seconds of the send: a scanner did that, not the person.'),
};
/** Of a click on one of several links in the same second. */
export const SCANNER_BURST = skippedOutcome(
  'SCANNER_CLICK',
  'Several links of the message were clicked within one second: a scanner did that, not the person.',
);

const COLUMN_HINT = 'Add the column to the export in Campaign, or set its name in the Marketing Events node.';
const TIME_HINT =
  'Set how the export writes dates in the node that reads the file, or in the options of the Marketing Events node.';

const FUTURE_HINT =
  "The export probably writes times in its operator's zone: set that zone in the node that reads the file (or in the options of the Marketing Events node where the file is read as text), since the times of its other rows are wrong too, and see that this machine's clock is right.";

/** Of an ID that other rows have as well. */
export function logIdNotUnique(column: string): Outcome {
  return rejectedRow(
    'LOG_ID_NOT_UNIQUE',
    `The ID in the column "${column}" is not that of this row alone: other people or messages have it, or digits of it are lost.`,
    column,
    "Export the primary key of the log itself, not that of the delivery or the profile, and read its column as text. Or set the column's name in the Marketing Events node.",
  );
}

function unknownLog({ status, linkType }: LogColumns): Outcome {
  return rejectedRow(
    'LOG_UNKNOWN',
    `The row has a value in neither or in both of the columns "${status}" (delivery log) and "${linkType}" (tracking log).`,
    status,
    'Say in the Marketing Events node which log the rows are from, or set the names of the columns.',
  );
}

/** A log is known by the column that tells the kind of its events; a column that is there and empty does not count. */
function logOf(row: LogRow, columns: LogColumns): Log | undefined {
  const delivery = textOf(cellOf(row, columns.status)) !== '';
  const tracking = textOf(cellOf(row, columns.linkType)) !== '';
  if (delivery === tracking) return undefined;
  return delivery ? 'delivery' : 'tracking';
}

function unknownCode(column: string, code: string): Outcome {
  return rejectedRow(
    code,
    `The column "${column}" is missing, empty, or has a text that is not known.`,
    column,
    'If the export has labels of another language, add them in the options of the Marketing Events node, or export numbers.',
  );
}

/** What the export reader made of a date-time already, whatever format is set here. */
function isoTime(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? parseDateTime(text, 'auto', 'UTC') : undefined;
}

function unreadableTime(name: string): Outcome {
  return rejectedRow('TIME_UNREADABLE', `The time in the column "${name}" can't be read.`, name, TIME_HINT);
}

function inTheFuture(name: string): Outcome {
  return rejectedRow('TIME_IN_FUTURE', `The time in the column "${name}" has not come yet.`, name, FUTURE_HINT);
}

function leftOut(outcome: Outcome): LogRowResult {
  return { kind: 'leftOut', outcome };
}
