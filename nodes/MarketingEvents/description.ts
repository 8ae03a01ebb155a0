import type { INodeProperties } from 'n8n-workflow';
import { DEFAULT_LOG_COLUMNS, type LogColumns } from '../../lib/sync/marketing-events/log-columns';
import { MIRROR_PAGE_LINKS, UNSUBSCRIPTION_LINKS } from '../../lib/sync/marketing-events/link-patterns';
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

const links = (displayName: string, name: string, standard: readonly string[], which: string): INodeProperties => ({
  displayName,
  name,
  type: 'string',
  default: standard.join(', '),
  description: `Clicks on ${which} are left out: words in the URL, label or category of the link, with commas between them; * at the end stands for any ending`,
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
      column('Address', 'address', 'Delivery log: where the message went; tells the channel where no column does'),
      column('Campaign Name', 'campaignName', 'Name of the campaign'),
      column('Channel', 'channel', 'By which channel the message went. Only e-mails become events.'),
      column('Clicked URL', 'clickedUrl', 'Tracking log: the URL of a click'),
      column(
        'Contact Time',
        'contactTime',
        'When the message was sent. Delivery log: taken where the event time is empty. Tracking log: to know scanners by.',
      ),
      column('Delivery Name', 'deliveryName', 'Name of the delivery'),
      column('Event Time', 'eventTime', 'Delivery log: when the message was sent or came back'),
      column('External ID', 'externalId', "The profile's external ID, which is the ID of the contact"),
      column('Failure Type', 'failureType', 'Delivery log: soft, hard or ignored'),
      column('Link Category', 'linkCategory', 'Tracking log: the category of the link, if the export has it'),
      column('Link Label', 'linkLabel', 'Tracking log: the label of the link, if the export has it'),
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
      labels('Labels: Email', 'labelsEmail', 'the channel e-mail'),
      labels('Labels: Failed', 'labelsFailed', 'a failed message'),
      labels('Labels: Hard', 'labelsHard', 'a hard bounce'),
      labels('Labels: Ignored', 'labelsIgnored', 'an ignored error'),
      labels('Labels: Mirror Page', 'labelsMirrorPage', 'the mirror page'),
      labels('Labels: Not Sent', 'labelsNotSent', 'a message that was not sent (pending, ignored, cancelled)'),
      labels('Labels: Open', 'labelsOpen', 'an open'),
      labels('Labels: Other Channel', 'labelsOtherChannel', 'a channel that is not e-mail'),
      labels('Labels: Sent', 'labelsSent', 'a sent message'),
      labels('Labels: Soft', 'labelsSoft', 'a soft bounce'),
      labels('Labels: Unsubscribe', 'labelsUnsubscribe', 'the unsubscription link'),
      {
        displayName: 'Leave Out Clicks on Several Links at Once',
        name: 'severalLinksAtOnce',
        type: 'boolean',
        default: false,
        description:
          'Whether clicks of one person on several links of a message within the same second are left out: a scanner makes them',
      },
      {
        displayName: 'Leave Out Opens and Clicks Within Seconds of the Send',
        name: 'scannerSeconds',
        type: 'number',
        typeOptions: { minValue: 0, maxValue: 3600, numberPrecision: 0 },
        default: 0,
        description:
          'How many seconds after the send an open or click is still taken for that of a scanner. 0: none is. Needs the contact time in the tracking log.',
      },
      links('Links: Mirror Page', 'mirrorPageLinks', MIRROR_PAGE_LINKS, 'the mirror page'),
      links('Links: Unsubscription', 'unsubscriptionLinks', UNSUBSCRIPTION_LINKS, 'the unsubscription link'),
      { ...timeZone, description: `Of times that name no zone. ${CHOOSE_ID}` },
    ],
  },
];
