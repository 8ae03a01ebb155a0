/** What a message's status says. `other`: not sent (ignored, pending, cancelled ...). */
export type StatusMeaning = 'sent' | 'failed' | 'other';
export type FailureMeaning = 'soft' | 'hard' | 'ignored';
/** `push`: a click on a push notification, which has a link type of its own. */
export type LinkMeaning = 'open' | 'click' | 'unsubscribe' | 'mirrorPage' | 'push' | 'other';
export type ChannelMeaning = 'email' | 'other';

type Codes<M extends string> = readonly (readonly [code: string, meaning: M])[];

/**
 * Codes of the export, as numbers and as the labels that Campaign's "Export labels" writes in English
 * (docs/facts/campaign.md, "Log codes"). What is not listed here and is no number is an error, never a guess. Labels of
 * other languages are added in the settings.
 */
export const STATUS_CODES: Codes<StatusMeaning> = [
  ['1', 'sent'],
  ['sent', 'sent'],
  ['delivered', 'sent'],
  // With the Enhanced MTA a sent e-mail keeps this status.
  ['taken into account by the service provider', 'sent'],
  ['2', 'failed'],
  ['failed', 'failed'],
  ['bounce', 'failed'],
  ['error', 'failed'],
  ['ignored', 'other'],
  ['pending', 'other'],
  ['prepared', 'other'],
  ['not applicable', 'other'],
  ['delivery canceled', 'other'],
  ['delivery cancelled', 'other'],
  ['sent to the service provider', 'other'],
  ['received on mobile', 'other'],
];

export const FAILURE_CODES: Codes<FailureMeaning> = [
  ['1', 'soft'],
  ['soft', 'soft'],
  ['soft bounce', 'soft'],
  ['2', 'hard'],
  ['hard', 'hard'],
  ['hard bounce', 'hard'],
  ['ignored', 'ignored'],
  ['not defined', 'ignored'],
  ['undefined', 'ignored'],
];

export const LINK_CODES: Codes<LinkMeaning> = [
  ['1', 'click'],
  ['10', 'click'],
  ['11', 'click'],
  ['click', 'click'],
  ['email click', 'click'],
  ['e-mail click', 'click'],
  ['2', 'open'],
  ['open', 'open'],
  ['opened', 'open'],
  ['3', 'unsubscribe'],
  ['unsubscribe', 'unsubscribe'],
  ['unsubscription', 'unsubscribe'],
  ['opt-out', 'unsubscribe'],
  ['6', 'mirrorPage'],
  ['mirror page', 'mirrorPage'],
  ['click on mobile notification', 'push'],
];

/**
 * Channels of deliveries: numbers, internal names and English labels (docs/facts/campaign.md, "Logs"). A channel that is
 * not listed may be anything.
 */
export const CHANNEL_CODES: Codes<ChannelMeaning> = [
  ['0', 'email'],
  ['email', 'email'],
  ['e-mail', 'email'],
  ['mail', 'email'],
  ['recurring email', 'email'],
  ['transactional email', 'email'],
  ['1', 'other'],
  ['sms', 'other'],
  ['mobile', 'other'],
  ['mobile (sms)', 'other'],
  ['recurring sms', 'other'],
  ['transactional sms', 'other'],
  ['2', 'other'],
  ['phone', 'other'],
  ['telephone', 'other'],
  ['3', 'other'],
  ['paper', 'other'],
  ['direct mail', 'other'],
  ['direct-mail', 'other'],
  ['directmail', 'other'],
  ['postal mail', 'other'],
  ['4', 'other'],
  ['fax', 'other'],
  ['40', 'other'],
  ['pushnotification', 'other'],
  ['push notification', 'other'],
  ['push', 'other'],
  ['mobile application', 'other'],
  ['mobile app', 'other'],
  ['inapp', 'other'],
  ['in-app', 'other'],
  ['in-app message', 'other'],
  ['41', 'other'],
  ['ios', 'other'],
  ['ios (apple)', 'other'],
  ['42', 'other'],
  ['android', 'other'],
  ['line', 'other'],
  ['120', 'other'],
  ['other', 'other'],
];

/** Further labels by their meaning, for exports in another language. */
export interface ExtraLabels {
  readonly status?: Partial<Record<StatusMeaning, readonly string[]>>;
  readonly failure?: Partial<Record<FailureMeaning, readonly string[]>>;
  readonly link?: Partial<Record<LinkMeaning, readonly string[]>>;
  readonly channel?: Partial<Record<ChannelMeaning, readonly string[]>>;
}

/**
 * Reads a code: a number, a number as text or a label in any case. A number that is not listed means `unlisted` (Campaign has more of
 * them, and none of those is an event; undefined where it may mean anything); a text that is not listed gives undefined.
 */
export type CodeReader<M extends string> = (value: unknown) => M | undefined;

export function codeReader<M extends string>(
  codes: Codes<M>,
  extra: Partial<Record<M, readonly string[]>> | undefined,
  unlisted: M | undefined,
): CodeReader<M> {
  const meanings = new Map<string, M>(codes);
  for (const [meaning, labels] of Object.entries(extra ?? {}) as [M, readonly string[]][]) {
    for (const label of labels) meanings.set(fold(label), meaning);
  }
  return (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const code = fold(String(value));
    return meanings.get(code) ?? (/^\d+$/.test(code) ? unlisted : undefined);
  };
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}
