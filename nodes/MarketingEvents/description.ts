import type { INodeProperties } from 'n8n-workflow';
import { DEFAULT_LOG_COLUMNS, type LogColumns } from '../../lib/sync/marketing-events/log-columns';
import { CHOOSE_ID, timeZone } from '../shared/flow-properties';

const kindSwitch = (displayName: string, name: string, description: string): INodeProperties => ({
  displayName,
  name,
  type: 'boolean',
  default: true,
  description,
});

const column = (displayName: string, name: keyof LogColumns, description: string): INodeProperties => ({
  displayName,
  name,
  type: 'string',
  default: DEFAULT_LOG_COLUMNS[name],
  description,
});

const labels = (displayName: string, name: string, means: string): INodeProperties => ({
  displayName,
  name,
  type: 'string',
  default: '',
  placeholder: 'e.g. Versendet, Zugestellt',
  description: `Labels that mean ${means}, with commas between them; besides the numbers and the English labels, which are known`,
});

/** The panel. */
export const properties: INodeProperties[] = [
  kindSwitch('Sends', 'sends', 'Whether messages that were sent become events'),
  kindSwitch('Opens', 'opens', 'Whether opened messages become events'),
  kindSwitch(
    'Clicks',
    'clicks',
    'Whether clicked links become events. The unsubscription link and the mirror page are no clicks.',
  ),
  kindSwitch('Bounces', 'bounces', 'Whether hard bounces become events. Soft and ignored ones are left out.'),
  {
    displayName: 'Rows Are From',
    name: 'log',
    type: 'options',
    options: [
      { name: 'Delivery Log', value: 'delivery', description: 'Sends and bounces (broadLogRcp)' },
      { name: 'Either', value: 'auto', description: 'Each row tells by its columns which log it is from' },
      { name: 'Tracking Log', value: 'tracking', description: 'Opens and clicks (trackingLogRcp)' },
    ],
    default: 'auto',
    description: 'Which log of Adobe Campaign was exported',
  },
  {
    displayName: 'Columns of the Export',
    name: 'columns',
    type: 'collection',
    placeholder: 'Set the name of a column',
    default: {},
    description: "Only where a column of the export has another name than in Campaign's data model",
    options: [
      column('Campaign Name', 'campaignName', 'Name of the campaign'),
      column('Clicked URL', 'clickedUrl', 'Tracking log: the URL of a click'),
      column('Contact Time', 'contactTime', 'Delivery log: taken where the event time is empty'),
      column('Delivery Name', 'deliveryName', 'Name of the delivery'),
      column('Event Time', 'eventTime', 'Delivery log: when the message was sent or came back'),
      column('External ID', 'externalId', "The profile's external ID, which is the ID of the contact"),
      column('Failure Type', 'failureType', 'Delivery log: soft, hard or ignored'),
      column('Link Type', 'linkType', 'Tracking log: what kind of link was followed; the type of the tracked URL'),
      column('Log ID', 'id', 'ID of the row in its log. An event is known again by it, so it must be the primary key.'),
      column('Log Time', 'logTime', 'Tracking log: when it was opened or clicked'),
      column('Mirror Page URL', 'mirrorPageUrl', 'If the export has it; no column of the logs does by itself'),
      column('Status', 'status', 'Delivery log: what became of the message'),
      column('Test Address', 'testAddress', 'True for test addresses and proofs, if the export has it'),
    ],
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Date-Time Format',
        name: 'dateTimeFormat',
        type: 'string',
        default: '',
        placeholder: 'e.g. DD.MM.YYYY HH:mm',
        description:
          "For times that the reader left as text. Empty: ISO 8601 and Campaign's own formats. Otherwise of YYYY MM M DD D HH H hh h mm ss SSS A Z.",
      },
      labels('Labels: Click', 'labelsClick', 'a click'),
      labels('Labels: Failed', 'labelsFailed', 'a failed message'),
      labels('Labels: Hard', 'labelsHard', 'a hard bounce'),
      labels('Labels: Ignored', 'labelsIgnored', 'an ignored error'),
      labels('Labels: Mirror Page', 'labelsMirrorPage', 'the mirror page'),
      labels('Labels: Not Sent', 'labelsNotSent', 'a message that was not sent (pending, ignored, cancelled)'),
      labels('Labels: Open', 'labelsOpen', 'an open'),
      labels('Labels: Sent', 'labelsSent', 'a sent message'),
      labels('Labels: Soft', 'labelsSoft', 'a soft bounce'),
      labels('Labels: Unsubscribe', 'labelsUnsubscribe', 'the unsubscription link'),
      { ...timeZone, description: `Of times that name no zone. ${CHOOSE_ID}` },
    ],
  },
];
