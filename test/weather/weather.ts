import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WeatherArguments } from './arguments';
import { inWords, releaseDeletes, strike, type Stage } from './blows';
import { FaultCount } from './fault-count';
import { differences, judge, type Kept, type RejectedRow, type Verdict } from './judge';
import { People } from './people';
import { drawRound, peopleOf, type ExportOrder } from './plan';
import { Processes } from './processes';
import type { WeatherReport } from './report';
import { WeatherWorld } from './world';

/** Everything comes to rest within this once the faults have stopped; requests on half-open connections end after two minutes. */
const REST_WITHIN_MS = 420_000;
/** n8n needs some seconds from its start to the first write, and more where a run of before has to be waited for. */
const AT_WORK_WITHIN_MS = { regular: 30_000, queue: 45_000 } as const;
const LOOK_MS = 25;
/** At rest nothing is written for so long. */
const REST_MS = 12_000;
/** n8n has just been started, and its interface may be slow. */
const PUBLISH_TRIES = 5;

/**
 * The weather: a real n8n with all templates, random changes and faults, kills, and what the oracles say at the end. Everything that is
 * started is ended, however it goes.
 *
 * @param say receives a line of progress now and then
 * @throws Error when n8n does not start, or does not come up again
 */
export async function runWeather(options: WeatherArguments, say: (line: string) => void): Promise<WeatherReport> {
  const startedAt = performance.now();
  const world = await WeatherWorld.start(options, say);
  try {
    return await new Weather(world, options, say, startedAt).run();
  } finally {
    await world.close();
  }
}

class Weather {
  private readonly people: People;
  private readonly processes: Processes;
  private readonly faults: FaultCount;
  private readonly publishes = { published: 0, cutOff: 0 };
  private rounds = 0;
  /** What was said, with its time. */
  private readonly lines: string[] = [];

  constructor(
    private readonly world: WeatherWorld,
    private readonly options: WeatherArguments,
    private readonly print: (line: string) => void,
    private readonly startedAt: number,
  ) {
    this.people = new People(world.control, options.seed);
    this.processes = new Processes(world.n8n);
    this.faults = new FaultCount(world.control, world.sandbox);
  }

  async run(): Promise<WeatherReport> {
    const { minutes, kills } = this.options;
    await this.people.begin();
    const deadline = performance.now() + minutes * 60_000;
    while (performance.now() < deadline && this.processes.kills < kills) await this.round(++this.rounds);
    return await this.comeToRest();
  }

  private async round(number: number): Promise<void> {
    const { seed, queue } = this.options;
    const { world, people, processes, faults, publishes } = this;
    const round = drawRound(seed, number, queue);
    const patience = AT_WORK_WITHIN_MS[queue ? 'queue' : 'regular'];
    const random = peopleOf(seed, number);
    // Apart from it, as how many of these are needed depends on how far n8n is.
    const marks = peopleOf(seed, -number);
    const before = await world.writes();
    world.jumpAhead(round.clockJumpMs);
    const stage: Stage = { world, people, processes, faults, publishes };
    await releaseDeletes(stage, number, marks);
    await faults.order(round);
    await people.change(round.before, random, number);
    if (round.delivery > 0) {
      const order = { label: `Delivery ${number}`, campaign: `Campaign ${number}`, seed: seed + number };
      await world.control.deliver({ ...order, contacts: round.delivery });
    }
    await this.export(round.exports);
    await world.until(async () => (await world.writes()) >= before + round.writes, patience, LOOK_MS);
    await people.change(round.amid, random, number);
    await sleep(round.afterMs);
    await strike(stage, round.blow, number, marks, async () => {
      await people.change(round.meanwhile, random, number);
      await this.export(round.exportsMeanwhile);
    });
    await this.makeUpForPublish();
    this.say(
      `${this.clock()}  round ${number}: ${inWords(round.blow)} after ${(await world.writes()) - before} writes; ` +
        `${processes.kills} kills; faults: ${round.faults.map(({ kind }) => kind).join(', ')}` +
        `${round.storage ? `, ${round.storage.kind}` : ''}`,
    );
  }

  private async export(orders: readonly ExportOrder[]): Promise<void> {
    for (const order of orders) await this.world.export(order);
  }

  /** A publish that was cut off by a kill, or by weather, is done again as a user would; at the next round where n8n is away again. */
  private async makeUpForPublish(): Promise<void> {
    if (this.world.published.done) return;
    await this.world.publishAgain().catch(() => undefined);
  }

  private async comeToRest(): Promise<WeatherReport> {
    const { world, people, processes, faults } = this;
    await faults.clear();
    await processes.bringUp();
    for (let attempt = 1; !world.published.done; attempt++) {
      await world.publishAgain().catch((error: unknown) => {
        if (attempt === PUBLISH_TRIES) throw error;
      });
    }
    const stormMs = performance.now() - this.startedAt;
    this.say(`${this.clock()}  the faults have stopped after ${processes.kills} kills; coming to rest ...`);
    await this.exportAll();
    const calmAt = performance.now();
    const { verdict, rejected } = await this.atRest();
    return {
      options: this.options,
      rounds: this.rounds,
      minutes: stormMs / 60_000,
      restSeconds: (performance.now() - calmAt) / 1000,
      ends: processes.counts,
      publishes: this.publishes,
      changes: people.counts,
      faults: faults.struck,
      rejected,
      verdict,
      log: differences(verdict).length === 0 ? '' : await this.evidence(),
    };
  }

  /** Waits until all sides agree and nothing is written any more; gives what there is when the time for it is over. */
  private async atRest(): Promise<{ readonly verdict: Verdict; readonly rejected: readonly RejectedRow[] }> {
    const deadline = performance.now() + REST_WITHIN_MS;
    let [writes, since, told] = [-1, performance.now(), performance.now()];
    for (;;) {
      const now = await this.world.writes();
      const kept = await this.kept().catch(async (error: unknown) => {
        // n8n is not ready yet, as after a restart of its database.
        if (performance.now() > deadline) throw error;
        await this.processes.bringUp();
        return undefined;
      });
      if (kept) {
        const verdict = await judge(this.world, this.people, kept);
        const left = differences(verdict).length;
        if (now !== writes || left > 0) [writes, since] = [now, performance.now()];
        if (performance.now() - since > REST_MS || performance.now() > deadline) {
          return { verdict, rejected: kept.rejected };
        }
        if (performance.now() - told > 20_000) {
          told = performance.now();
          this.say(`${this.clock()}  ${left} differences, ${now} writes so far`);
          // A profile that was made since then with kept opt-outs: Dynamics 365 hears of them by the next export.
          if (left > 0) await this.exportAll();
        }
      }
      await sleep(1000);
    }
  }

  /** What was said since the last exports, and what those did not bring. */
  private async exportAll(): Promise<void> {
    for (const kind of ['opt-outs', 'delivery-logs', 'tracking-logs'] as const) {
      await this.world.export({ kind, manner: { overlap: true } });
    }
  }

  private async kept(): Promise<Kept> {
    const { rest } = this.world.n8n;
    return {
      rejected: await rest.dataTableRows<RejectedRow>('dynamics_campaign_rejected'),
      decisions: await rest.dataTableRows('dynamics_campaign_opt_out_decisions'),
    };
  }

  /** What n8n itself says about it; the rest goes into the folder that was given. */
  private async evidence(): Promise<string> {
    const { n8n, control } = this.world;
    const failed = await n8n.rest.executions({ status: ['error', 'crashed'] }, 3);
    const texts = await Promise.all(
      failed.map(async ({ id }) => String(JSON.stringify((await n8n.rest.execution(id)).data.resultData?.error))),
    );
    const { keep } = this.options;
    if (keep !== undefined) {
      mkdirSync(keep, { recursive: true });
      const put = (name: string, value: unknown) =>
        writeFileSync(join(keep, name), typeof value === 'string' ? value : JSON.stringify(value, null, 1));
      put('diary.txt', [...this.lines, ...this.people.diary].sort().join('\n'));
      put('contacts.json', await control.dump('dataverse', 'contact'));
      put('profiles.json', await control.dump('campaign', 'profile'));
      put('logs.json', await control.logs());
      for (const { name } of await n8n.rest.dataTables()) put(`${name}.json`, await n8n.rest.dataTableRows(name));
      for (const file of readdirSync(n8n.userFolder).filter((each) => each.endsWith('.log'))) {
        copyFileSync(join(n8n.userFolder, file), join(keep, file));
      }
    }
    return [...texts.map((text) => text.slice(0, 400)), await n8n.logTail(20)].join('\n');
  }

  private say(line: string): void {
    this.lines.push(`${new Date().toISOString()} ${line}`);
    this.print(line);
  }

  private clock(): string {
    const seconds = Math.floor((performance.now() - this.startedAt) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
