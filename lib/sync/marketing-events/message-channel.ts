import { skippedOutcome, type Outcome } from '../../core/outcome';
import { CHANNEL_CODES, codeReader, type ExtraLabels } from './log-codes';
import { DEFAULT_LOG_COLUMNS, type LogColumns } from './log-columns';
import { rejectedRow } from './rejected-row';
import { cellOf, textOf, type LogRow } from './row-cells';

/**
 * What the channel's column is called besides the default: by the delivery's attribute and by its label
 * (docs/facts/campaign.md, "Logs").
 */
const OTHER_NAMES = ['messageType', 'msgType', 'channel', 'deliveryChannel'] as const;

/** What a row says of its message's channel: nothing is `untold`. An outcome where it was no e-mail, or that is not clear. */
export type MessageChannel = 'email' | 'untold' | Outcome;

export const NOT_EMAIL: Outcome = skippedOutcome(
  'NOT_EMAIL',
  'The message was no e-mail (SMS, push notification, direct mail or another channel).',
);

/**
 * Makes the function that tells whether a row's message was an e-mail: by the column with the channel, and where that has
 * no value by the address that the message went to.
 */
export function channelReader(columns: LogColumns, labels: ExtraLabels['channel']): (row: LogRow) => MessageChannel {
  const read = codeReader(CHANNEL_CODES, labels, undefined);
  // Under another name only where none was set by hand.
  const names = columns.channel === DEFAULT_LOG_COLUMNS.channel ? [columns.channel, ...OTHER_NAMES] : [columns.channel];

  return (row) => {
    let isTold = false;
    let isThere = false;
    for (const name of names) {
      const cell = cellOf(row, name);
      if (cell === undefined) continue;
      isThere = true;
      if (isEmpty(cell)) continue;
      const channel = read(cell);
      if (channel === undefined) return unknownChannel(name);
      if (channel === 'other') return NOT_EMAIL;
      isTold = true;
    }
    if (isTold) return 'email';
    const address = cellOf(row, columns.address);
    if (!isEmpty(address)) return byAddress(textOf(address), columns.address);
    // A column that is there and says nothing is a sign of a message that had no e-mail address.
    if (isThere) return unknownChannel(names.find((name) => cellOf(row, name) !== undefined) as string);
    return address === undefined ? 'untold' : byAddress('', columns.address);
  };
}

function byAddress(address: string, column: string): MessageChannel {
  if (/\S@\S/.test(address)) return 'email';
  if (PHONE_NUMBER.test(address)) return NOT_EMAIL;
  return rejectedRow(
    'UNKNOWN_CHANNEL',
    `The row names no channel, and the address in the column "${column}" is neither an e-mail address nor a phone number.`,
    column,
    HINT,
  );
}

const PHONE_NUMBER = /^\+?\(?\d[\d\s()./-]{3,30}$/;

function isEmpty(cell: unknown): boolean {
  return cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '');
}

function unknownChannel(column: string): Outcome {
  return rejectedRow('UNKNOWN_CHANNEL', `The channel in the column "${column}" is empty, or not known.`, column, HINT);
}

const HINT =
  'Export the channel of the delivery, set the name of its column in the Marketing Events node, or add labels of another language in its options.';
