/** The kinds of events that appear on a contact's timeline, in the order of the panel. */
export const EVENT_KINDS = ['send', 'open', 'click', 'bounce'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** One thing that happened to one e-mail of one person. */
export interface MarketingEvent {
  readonly kind: EventKind;
  /** ID of the log's row: of the delivery log for `send` and `bounce`, of the tracking log for `open` and `click`. */
  readonly logId: string;
  /** Primary key of the contact in Dynamics 365, lower case: Campaign's external ID. */
  readonly contactId: string;
  /** Empty where the export has none. */
  readonly campaignName: string;
  readonly deliveryName: string;
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly mirrorPageUrl?: string;
  /** Of a click. */
  readonly clickedUrl?: string;
}
