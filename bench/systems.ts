import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxControl, type DumpedRow } from '../sandbox/control-client';
import { projectRoot } from '../sandbox/n8n-host/folders';
import type { SandboxConnection } from '../sandbox/start';

/** Milliseconds that every response of the emulated systems takes. */
export const LATENCY_MS = 50;

/** Campaign is not asked for anything for so long: something is broken. (The stock nodes work through all items before the next step.) */
const STALLED_AFTER_MS = 180_000;

interface Statistics {
  /** Epoch milliseconds. */
  readonly moments: Readonly<Record<string, { readonly firstBegan: number; readonly lastEnded: number }>>;
  readonly systems: Readonly<Record<string, { readonly requests: number; readonly largestConcurrency: number }>>;
  readonly rows: Readonly<Record<'campaign' | 'dataverse', Readonly<Record<string, number>>>>;
}

/** How profiles were written. */
export interface Writing {
  readonly profiles: number;
  /** From the arrival of the first write to the response of the last, in seconds. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** When the last write was answered, in epoch milliseconds. */
  readonly endedAt: number;
  /** The most requests that Campaign had in flight at once. */
  readonly inFlight: number;
}

/** The emulated systems in a process of their own, so that their work is not counted as ours. */
export class Systems {
  private readonly control: SandboxControl;

  private constructor(
    private readonly child: ChildProcess,
    readonly connection: SandboxConnection,
  ) {
    this.control = new SandboxControl(connection.controlUrl);
  }

  /** @throws Error when the sandbox ends instead of saying where it is */
  static async start(contacts: number, latencyMs = LATENCY_MS): Promise<Systems> {
    const command = ['--import', 'tsx', join(projectRoot, 'sandbox', 'main.ts')];
    const child = spawn(
      process.execPath,
      [...command, '--contacts', String(contacts), '--latency', String(latencyMs)],
      { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => String(text)),
      once(child, 'exit').then(() => undefined),
    ]);
    if (line === undefined) throw new Error('The sandbox ended while it was starting.');
    return new Systems(child, JSON.parse(line) as SandboxConnection);
  }

  /** Seeded rows in Dataverse, nothing in Campaign, counters at zero. */
  async reset(): Promise<void> {
    await this.control.json('POST', '/reset');
    await this.control.json('POST', '/stats/reset');
  }

  /** The contacts as Dataverse stores them. */
  async contacts(): Promise<DumpedRow[]> {
    return await this.control.dump('dataverse', 'contact');
  }

  /** How many rows a table of Dataverse has. */
  async rows(table: string): Promise<number> {
    return (await this.statistics()).rows.dataverse[table] ?? 0;
  }

  async statistics(): Promise<Statistics> {
    return (await this.control.json('GET', '/stats')) as Statistics;
  }

  /**
   * Waits until Campaign has so many profiles.
   *
   * @param onWait called now and then meanwhile
   * @throws Error when Campaign is not asked for anything for three minutes
   */
  async written(
    profiles: number,
    onWait: (written: number) => Promise<void> | void = () => undefined,
  ): Promise<Writing> {
    let most = -1;
    let mostAt = Date.now();
    for (;;) {
      const statistics = await this.statistics();
      const now = statistics.rows.campaign['profile'] ?? 0;
      if (now >= profiles) return writingOf(statistics, now);
      const asked = statistics.systems['campaign']?.requests ?? 0;
      if (asked > most) [most, mostAt] = [asked, Date.now()];
      if (Date.now() - mostAt > STALLED_AFTER_MS) {
        throw new Error(`Only ${now} of ${profiles} profiles were written, and nothing moves any more.`);
      }
      await onWait(now);
      await sleep(250);
    }
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

function writingOf({ moments, systems }: Statistics, profiles: number): Writing {
  const writes = moments['campaign.profile.POST'];
  if (!writes) throw new Error('The sandbox has profiles, and yet nothing was written.');
  const seconds = (writes.lastEnded - writes.firstBegan) / 1000;
  return {
    profiles,
    seconds,
    recordsPerSecond: profiles / seconds,
    endedAt: writes.lastEnded,
    inFlight: systems['campaign']?.largestConcurrency ?? 0,
  };
}
