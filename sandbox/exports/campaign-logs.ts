import { z } from 'zod';
import type { Instance } from '../campaign/store';
import { createRandom, type Random } from '../seed/random';

/** Channels of a delivery: the internal name in Campaign, the profile's opt-out and the field that holds the address. */
const CHANNELS = {
  email: { name: 'email', optOut: 'blackListEmail', address: 'email' },
  sms: { name: 'sms', optOut: 'blackListMobile', address: 'mobilePhone' },
  push: { name: 'pushNotification', optOut: 'blackListPushnotification', address: undefined },
  'direct-mail': { name: 'paper', optOut: 'blackListPostalMail', address: 'location.address1' },
} as const;

export const deliverSchema = z
  .object({
    /** The delivery's label; it may hold quotes, as labels do. */
    label: z.string().min(1),
    campaign: z.string().default('Sandbox Campaign'),
    /** So many profiles, the first ones that may be contacted; all of these without it. */
    contacts: z.number().int().min(1).optional(),
    seed: z.number().int().default(1),
    channel: z.enum(['email', 'sms', 'push', 'direct-mail']).default('email'),
    /** When it went out; two and a half hours ago without it, so that nothing of it lies in the future. */
    at: z.string().datetime().optional(),
    /** The ids of both logs go on from here, as where their sequence is used again. */
    idsFrom: z.number().int().min(1).optional(),
    /** Share of the messages that a scanner opens, and all of whose links it follows, within three seconds of the send. */
    scannerClicks: z.number().min(0).max(1).default(0),
    /** The standard unsubscription link is logged as an ordinary click, as Campaign does it where its content sets no type. */
    unsubscribeAsClick: z.boolean().default(false),
  })
  .strict();
export type DeliverOrder = z.output<typeof deliverSchema>;

/** A row of nms:broadLogRcp with what an export adds over links; the names are those of Campaign's data model. */
export interface DeliveryLogRow {
  readonly id: number;
  readonly externalId: string;
  readonly campaignLabel: string;
  readonly deliveryLabel: string;
  /** The channel: email, sms, pushNotification, paper. */
  readonly deliveryType: string;
  /** 0 ignored, 1 sent, 2 failed, 6 pending. */
  readonly status: number;
  /** 0 none, 1 soft, 2 hard, 3 ignored. */
  readonly failureType: number;
  readonly failureReason: number;
  readonly contactDate: string;
  readonly eventDate: string;
  readonly lastModified: string;
  readonly address: string;
  readonly testAddress: boolean;
  readonly mirrorPageUrl: string;
}

/** A row of nms:trackingLogRcp. */
export interface TrackingLogRow {
  readonly id: number;
  readonly broadLogId: number;
  readonly externalId: string;
  readonly campaignLabel: string;
  readonly deliveryLabel: string;
  readonly deliveryType: string;
  /** 1, 10, 11 click; 2 open; 3 unsubscription; 6 mirror page. */
  readonly urlType: number;
  readonly urlSource: string;
  readonly urlLabel: string;
  /** When the message was sent. */
  readonly contactDate: string;
  readonly logDate: string;
  readonly lastModified: string;
  readonly testAddress: boolean;
  readonly mirrorPageUrl: string;
}

export interface Delivered {
  readonly messages: number;
  /** Profiles that must not, or can't, be contacted by the channel and so got none, as Campaign's own rules have it. */
  readonly leftOut: number;
  readonly clicks: number;
  readonly opens: number;
  /** Messages that will bounce when late bounces are asked for. */
  readonly bounceLater: number;
}

/** What became of a message, with its share. */
const FATES = [
  ['sent', 0.84],
  ['late-bounce', 0.04],
  ['hard', 0.04],
  ['soft', 0.03],
  ['ignored-failure', 0.01],
  ['pending', 0.02],
  ['test', 0.02],
] as const;
type Fate = (typeof FATES)[number][0];

const UNSUBSCRIPTION = { url: 'https://t.sandbox.example/lp/bl?pkey=%40Qx', label: 'Opt-out link' };

const LINKS = ['https://shop.example/offer?id=1', 'https://shop.example/Neuheiten/Größe', 'https://shop.example/'];

/** Campaign's delivery and tracking logs. Nothing else of a delivery is emulated. */
export class CampaignLogs {
  readonly delivery: DeliveryLogRow[] = [];
  readonly tracking: TrackingLogRow[] = [];
  /** Places in the delivery log: its ids may be used twice. */
  private readonly bounceLater = new Set<number>();
  private nextId = { delivery: FIRST_ID, tracking: FIRST_ID };

  constructor(private readonly instance: Instance) {}

  /** A delivery goes out to profiles: rows of both logs. */
  deliver(order: DeliverOrder): Delivered {
    if (order.idsFrom !== undefined) this.nextId = { delivery: order.idsFrom, tracking: order.idsFrom };
    const profiles = this.instance.resource('profile');
    let messages = 0;
    let leftOut = 0;
    const before = { tracking: this.tracking.length, late: this.bounceLater.size };
    for (const profile of profiles?.rows ?? []) {
      if (!profile || messages === order.contacts) continue;
      const hasNoNumber = order.channel === 'sms' && !profile['mobilePhone'];
      if (profile['blackList'] === true || profile[CHANNELS[order.channel].optOut] === true || hasNoNumber) {
        leftOut++;
        continue;
      }
      const random = createRandom(order.seed, messages);
      this.send(order, profile, fateOf(random), random);
      messages++;
    }
    const tracked = this.tracking.slice(before.tracking);
    return {
      messages,
      leftOut,
      opens: tracked.filter(({ urlType }) => urlType === 2).length,
      clicks: tracked.filter(({ urlType }) => [1, 10, 11].includes(urlType)).length,
      bounceLater: this.bounceLater.size - before.late,
    };
  }

  /** Asynchronous bounces: messages that counted as sent come back. @returns how many */
  bounceLate(): number {
    const at = this.instance.timestamp();
    const bounced = this.bounceLater.size;
    for (const place of this.bounceLater) {
      const row = this.delivery[place];
      if (!row) continue;
      const failed = { status: 2, failureType: 2, failureReason: 1, eventDate: at, lastModified: at };
      this.delivery[place] = { ...row, ...failed };
    }
    this.bounceLater.clear();
    return bounced;
  }

  clear(): void {
    this.delivery.length = 0;
    this.tracking.length = 0;
    this.bounceLater.clear();
    this.nextId = { delivery: FIRST_ID, tracking: FIRST_ID };
  }

  private send(order: DeliverOrder, profile: Readonly<Record<string, unknown>>, fate: Fate, random: Random): void {
    const { name, address } = CHANNELS[order.channel];
    const isMail = order.channel === 'email';
    const lastModified = this.instance.timestamp();
    const at = order.at ? campaignTime(Date.parse(order.at)) : later(lastModified, -SENT_SECONDS_AGO);
    const id = this.nextId.delivery++;
    const common = {
      externalId: String(profile['externalId'] ?? ''),
      campaignLabel: order.campaign,
      deliveryLabel: order.label,
      deliveryType: name,
      testAddress: fate === 'test',
      mirrorPageUrl: isMail ? `https://t.sandbox.example/nl/jsp/m.jsp?c=${id}` : '',
      contactDate: at,
      lastModified,
    };
    this.delivery.push({
      id,
      ...common,
      status: { pending: 6, hard: 2, soft: 2, 'ignored-failure': 2 }[fate as string] ?? 1,
      failureType: { hard: 2, soft: 1, 'ignored-failure': 3 }[fate as string] ?? 0,
      failureReason: { hard: 1, soft: 5, 'ignored-failure': 20 }[fate as string] ?? 0,
      eventDate: at,
      address: address === undefined ? `fcm:token-${id}` : String(profile[address] ?? ''),
    });
    if (fate === 'late-bounce') this.bounceLater.add(this.delivery.length - 1);
    if (fate !== 'sent' && fate !== 'test') return;
    const log = (urlType: number, urlSource: string, logDate: string, urlLabel = ''): void => {
      const row = { id: this.nextId.tracking++, broadLogId: id, ...common };
      this.tracking.push({ ...row, urlType, urlSource, urlLabel, logDate });
    };
    const track = (urlType: number, urlSource: string, urlLabel?: string): void =>
      log(urlType, urlSource, later(at, random.int(1, 7_200)), urlLabel);
    if (order.channel === 'direct-mail') return;
    if (isMail && createRandom(order.seed, SCANNER_STREAM + this.delivery.length).chance(order.scannerClicks)) {
      log(2, '', later(at, 1));
      for (const url of LINKS) log(1, url, later(at, 2));
      log(1, UNSUBSCRIPTION.url, later(at, 3), UNSUBSCRIPTION.label);
    }
    if (!random.chance(0.6)) return;
    if (!isMail) return track(10, random.pick(LINKS));
    for (let times = random.int(1, 3); times > 0; times--) track(2, '');
    if (random.chance(0.5))
      for (let times = random.int(1, 2); times > 0; times--) track(random.pick([1, 10, 11]), random.pick(LINKS));
    if (random.chance(0.05)) {
      if (order.unsubscribeAsClick) track(1, UNSUBSCRIPTION.url, UNSUBSCRIPTION.label);
      else track(3, 'https://t.sandbox.example/webApp/unsubscribe');
    }
    if (random.chance(0.08)) track(6, common.mirrorPageUrl);
  }
}

const FIRST_ID = 1_000_001;
/** Opens and clicks come up to two hours after the send. */
const SENT_SECONDS_AGO = 9_000;
/** Scanners are drawn apart, so that a delivery is the same with and without them. */
const SCANNER_STREAM = 1_000_000;

function fateOf(random: Random): Fate {
  let point = random.next();
  for (const [fate, share] of FATES) {
    point -= share;
    if (point < 0) return fate;
  }
  return 'sent';
}

/** So many seconds after a time of Campaign. */
function later(at: string, seconds: number): string {
  return campaignTime(Date.parse(at.replace(' ', 'T')) + seconds * 1000);
}

/** As Campaign writes it: `2020-07-31 11:19:00.304Z`. */
function campaignTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ');
}
