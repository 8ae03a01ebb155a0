import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoArguments } from './arguments';
import {
  DECISIONS,
  changeContacts,
  optOut,
  secondsSince,
  sendCampaign,
  type CampaignTold,
  type Decision,
  type OptOutTold,
  type Stage,
} from './chapters';
import { Display } from './display';
import { isSettled, measure, type Measured } from './figures';
import { Systems } from './systems';
import { howToLook, welcome } from './texts';
import { stallError, StallWatch } from './wait';

/** One round of the story, as it came out. */
export interface Round {
  readonly optOuts: readonly OptOutTold[];
  readonly campaign: CampaignTold;
  readonly changesSeconds: number;
}

/** The story that is shown, on two emulated systems and a real n8n. */
export class Demo {
  private systems: Systems | undefined;
  private readonly display: Display;
  private readonly owned: { close(): Promise<void> }[] = [];
  private ending: Promise<void> | undefined;
  private rounds = 0;
  private campaignIsOut = false;

  constructor(private readonly options: DemoArguments) {
    this.display = new Display(options.json ? process.stderr : process.stdout);
  }

  async start(): Promise<void> {
    const say = (line: string) => this.display.say(line);
    this.systems = await Systems.start(this.options, say, (closable) => this.owned.push(closable));
    say(welcome(this.systems.n8n, this.systems.workflows));
  }

  /** The initial load, and then the other workflows. @returns how long the load took */
  async load(): Promise<number> {
    const since = Date.now();
    await this.there.publishSync();
    const { profiles } = await this.settle('the initial load');
    const seconds = secondsSince(since);
    this.say(`The initial load is done: ${profiles} profiles in ${seconds} s.`);
    await this.there.publishOthers();
    this.say('Opt-outs go both ways from now on.');
    return seconds;
  }

  /** One round: contacts change, two persons opt out, a campaign goes out. */
  async round(): Promise<Round> {
    const round = ++this.rounds;
    const stage = this.stage();
    const since = Date.now();
    await changeContacts(stage, round);
    const changesSeconds = secondsSince(since);
    const optOuts = await optOut(stage, round);
    this.campaignIsOut = true;
    const campaign = await sendCampaign(stage, round);
    if (!this.options.once) this.say(howToLook(this.there.control.url, campaign.contactId));
    return { optOuts, campaign, changesSeconds };
  }

  /** Waits until nothing is waiting to be written, or until `isDone`, showing how it goes. @throws StallError when nothing moves any more */
  async settle(what = 'both sides to be equal', isDone = isSettled): Promise<Measured> {
    const watch = new StallWatch();
    for (;;) {
      const askedAt = Date.now();
      const measured = await this.show();
      if (isDone(measured)) return measured;
      if (watch.isStalled(measured)) throw await stallError(what, measured, this.there.n8n);
      // With very many contacts a comparison takes long; it must not take the machine from n8n.
      await sleep(Math.max(500, 4 * (Date.now() - askedAt)));
    }
  }

  async requests(): Promise<Readonly<Record<string, number>>> {
    return await this.there.control.requests();
  }

  /** Ends everything and removes what it left; may be called more than once. */
  async end(): Promise<void> {
    this.ending ??= (async () => {
      this.display.end();
      for (const closable of [...this.owned].reverse()) await closable.close();
    })();
    await this.ending;
  }

  get isEnding(): boolean {
    return this.ending !== undefined;
  }

  /** How many fields of each record are compared. */
  get comparedFields(): number {
    return this.there.pairs.fields.length;
  }

  say(line: string): void {
    this.display.say(line);
  }

  private get there(): Systems {
    if (!this.systems) throw new Error('n8n is not running.');
    return this.systems;
  }

  private async show(): Promise<Measured> {
    const { control, n8n, pairs } = this.there;
    const measured = await measure(control, n8n, pairs, this.campaignIsOut);
    this.display.show(measured);
    return measured;
  }

  private async waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
    const watch = new StallWatch();
    let lookAt = Date.now() + 1_000;
    while (!(await condition())) {
      if (Date.now() >= lookAt) {
        const askedAt = Date.now();
        const measured = await this.show();
        if (watch.isStalled(measured)) throw await stallError(what, measured, this.there.n8n);
        lookAt = Date.now() + Math.max(1_000, 4 * (Date.now() - askedAt));
      }
      await sleep(200);
    }
  }

  private stage(): Stage {
    const { control, n8n, pairs } = this.there;
    return {
      control,
      optOutPairs: pairs.optOuts,
      contacts: this.options.contacts,
      seed: this.options.seed,
      say: (line) => this.say(line),
      settle: async (isDone) => await this.settle('both sides to be equal', isDone),
      waitFor: async (what, condition) => await this.waitFor(what, condition),
      decisions: async () => await n8n.rest.dataTableRows<Decision>(DECISIONS),
    };
  }
}
