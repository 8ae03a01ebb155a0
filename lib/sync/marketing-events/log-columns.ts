/** Campaign's two logs (nms:broadLogRcp and nms:trackingLogRcp: docs/facts/campaign.md, "Logs"). */
export const LOGS = ['delivery', 'tracking'] as const;
export type Log = (typeof LOGS)[number];

/** What the rows' columns are called. */
export interface LogColumns {
  /** ID of the log's row, in both logs. */
  readonly id: string;
  /** The profile's external ID, which is the contact's ID, in both logs. */
  readonly externalId: string;
  readonly campaignName: string;
  readonly deliveryName: string;
  /** True where the message went to a test address or was a proof. May be absent. */
  readonly testAddress: string;
  /** By which channel the message went (e-mail, SMS ...), in both logs. Where it is absent, the address tells. */
  readonly channel: string;
  /** Delivery log: the address or number that the message went to. May be absent. */
  readonly address: string;
  /** No column of the logs has it by itself; a formula of the export may. May be absent. */
  readonly mirrorPageUrl: string;
  /** Delivery log: what became of the message. Its presence tells that the row is of the delivery log. */
  readonly status: string;
  /** Delivery log: soft, hard or ignored. */
  readonly failureType: string;
  /** Delivery log: when it was sent or came back. */
  readonly eventTime: string;
  /** When the message was sent. Delivery log: taken where the one above is empty. Tracking log: tells clicks of scanners. May be absent. */
  readonly contactTime: string;
  /** Tracking log: what kind of link was followed. Its presence tells that the row is of the tracking log. */
  readonly linkType: string;
  /** Tracking log. */
  readonly logTime: string;
  /** Tracking log: the URL of a click. */
  readonly clickedUrl: string;
  /** Tracking log: label and category of the link that was followed. Both may be absent. */
  readonly linkLabel: string;
  readonly linkCategory: string;
}

/** The names of Campaign's data model; those that are reached over a link (campaign, profile, message) have the name of what they hold. */
export const DEFAULT_LOG_COLUMNS: LogColumns = {
  id: 'id',
  externalId: 'externalId',
  campaignName: 'campaignLabel',
  deliveryName: 'deliveryLabel',
  testAddress: 'testAddress',
  channel: 'deliveryType',
  address: 'address',
  mirrorPageUrl: 'mirrorPageUrl',
  status: 'status',
  failureType: 'failureType',
  eventTime: 'eventDate',
  contactTime: 'contactDate',
  linkType: 'urlType',
  logTime: 'logDate',
  clickedUrl: 'urlSource',
  linkLabel: 'urlLabel',
  linkCategory: 'urlCategory',
};
