import { z } from 'zod';
import type { Instance } from '../campaign/store';
import { createRandom, type Random } from '../seed/random';

export const deliverSchema = z
  .object({
    /** The delivery's label. */
    label: z.string().min(1),
    campaign: z.string().default('Sandbox Campaign'),
    /** So many profiles, the first ones that may be contacted; all of these without it. */
    contacts: z.number().int().min(1).optional(),
    seed: z.number().int().default(1),
  })
  .strict();
export type DeliverOrder = z.output<typeof deliverSchema>;

/** A row of nms:broadLogRcp with what an export adds over links; the names are those of Campaign's data model. */
export interface DeliveryLogRow {
  readonly id: number;
  readonly externalId: string;
  readonly campaignLabel: string;
  readonly deliveryLabel: string;
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
  /** 1, 10, 11 click; 2 open; 3 unsubscription; 6 mirror page. */
  readonly urlType: number;
  readonly urlSource: string;
  readonly logDate: string;
  readonly lastModified: string;
  readonly testAddress: boolean;
  readonly mirrorPageUrl: string;
}

export interface Delivered {
  readonly messages: number;
  /** Profiles that must not be contacted by e-mail and so got none, as Campaign's own rules have it. */
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

const LINKS = ['https://shop.example/offer?id=1', 'https://shop.example/Neuheiten/Größe', 'https://shop.example/'];

/** Campaign's delivery and tracking logs. Nothing else of a delivery is emulated. */
export class CampaignLogs {
  readonly delivery: DeliveryLogRow[] = [];
  readonly tracking: TrackingLogRow[] = [];
  private readonly bounceLater = new Set<number>();

  constructor(private readonly instance: Instance) {}

  /** A delivery goes out to profiles: rows of both logs. */
  deliver(order: DeliverOrder): Delivered {
    const profiles = this.instance.resource('profile');
    let messages = 0;
    let leftOut = 0;
    const before = { tracking: this.tracking.length, late: this.bounceLater.size };
    for (const profile of profiles?.rows ?? []) {
      if (!profile || messages === order.contacts) continue;
      if (profile['blackList'] === true || profile['blackListEmail'] === true) {
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
    for (const id of this.bounceLater) {
      const row = this.delivery[id - FIRST_ID];
      if (!row) continue;
      const failed = { status: 2, failureType: 2, failureReason: 1, eventDate: at, lastModified: at };
      this.delivery[id - FIRST_ID] = { ...row, ...failed };
    }
    this.bounceLater.clear();
    return bounced;
  }

  clear(): void {
    this.delivery.length = 0;
    this.tracking.length = 0;
    this.bounceLater.clear();
  }

  private send(order: DeliverOrder, profile: Readonly<Record<string, unknown>>, fate: Fate, random: Random): void {
    const at = this.instance.timestamp();
    const id = this.delivery.length + FIRST_ID;
    const common = {
      externalId: String(profile['externalId'] ?? ''),
      campaignLabel: order.campaign,
      deliveryLabel: order.label,
      testAddress: fate === 'test',
      mirrorPageUrl: `https://t.sandbox.example/nl/jsp/m.jsp?c=${id}`,
      lastModified: at,
    };
    this.delivery.push({
      id,
      ...common,
      status: { pending: 6, hard: 2, soft: 2, 'ignored-failure': 2 }[fate as string] ?? 1,
      failureType: { hard: 2, soft: 1, 'ignored-failure': 3 }[fate as string] ?? 0,
      failureReason: { hard: 1, soft: 5, 'ignored-failure': 20 }[fate as string] ?? 0,
      contactDate: at,
      eventDate: at,
      address: String(profile['email'] ?? ''),
    });
    if (fate === 'late-bounce') this.bounceLater.add(id);
    if (fate !== 'sent' && fate !== 'test') return;
    const track = (urlType: number, urlSource: string): void => {
      const row = { id: this.tracking.length + FIRST_ID, broadLogId: id, ...common };
      this.tracking.push({ ...row, urlType, urlSource, logDate: later(at, random.int(1, 7_200)) });
    };
    if (!random.chance(0.6)) return;
    for (let times = random.int(1, 3); times > 0; times--) track(2, '');
    if (random.chance(0.5))
      for (let times = random.int(1, 2); times > 0; times--) track(random.pick([1, 10, 11]), random.pick(LINKS));
    if (random.chance(0.05)) track(3, 'https://t.sandbox.example/webApp/unsubscribe');
    if (random.chance(0.08)) track(6, common.mirrorPageUrl);
  }
}

const FIRST_ID = 1_000_001;

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
  return new Date(Date.parse(at.replace(' ', 'T')) + seconds * 1000).toISOString().replace('T', ' ');
}
