import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../sandbox/seed/random';
import type { FaultCount } from './fault-count';
import type { People } from './people';
import type { Blow } from './plan';
import type { Processes } from './processes';
import type { WeatherWorld } from './world';

/** How long a change may take to arrive before the delta tokens expire, and after it. */
const TOKEN_PATIENCE_MS = 40_000;
const RELEASE_PATIENCE_MS = 10_000;

/** Publishes with another mapping, for the report. */
export interface PublishCounts {
  published: number;
  cutOff: number;
}

/** Everything that a blow needs. */
export interface Stage {
  readonly world: WeatherWorld;
  readonly people: People;
  readonly processes: Processes;
  readonly faults: FaultCount;
  readonly publishes: PublishCounts;
}

/**
 * Strikes, and has n8n up again afterwards.
 *
 * @param meanwhile what happens while n8n is away
 * @throws Error when n8n does not come up again
 */
export async function strike(
  stage: Stage,
  blow: Blow,
  round: number,
  random: Random,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const { processes, world, faults } = stage;
  switch (blow.kind) {
    case 'kill':
      await processes.kill(blow.who);
      await meanwhile();
      break;
    case 'kill-starting': {
      await processes.kill(blow.who);
      await meanwhile();
      const up = processes.bringUp();
      up.catch(() => undefined);
      for (const afterMs of blow.againAfterMs) {
        await sleep(afterMs);
        await processes.kill(blow.who);
      }
      await up;
      break;
    }
    case 'stop':
      await Promise.all([processes.stop(blow.who), meanwhile()]);
      break;
    case 'freeze':
      await processes.freeze(blow.who, async () => {
        await meanwhile();
        await sleep(blow.forMs);
      });
      break;
    case 'publish':
      await publish(stage, blow, round);
      await meanwhile();
      break;
    case 'expire-tokens':
      await expireTokens(stage, round, random);
      break;
    case 'service': {
      const service = world.n8n.services?.[blow.service];
      faults.add(`${blow.service} ${blow.service === 'redis' ? 'killed' : 'restarted'}`, 1);
      await service?.end();
      await meanwhile();
      await sleep(blow.awayMs);
      await service?.restart();
      break;
    }
  }
  await processes.bringUp();
}

async function publish(stage: Stage, blow: Blow & { kind: 'publish' }, round: number): Promise<void> {
  const { world, processes, publishes } = stage;
  await processes.bringUp();
  const published = world.publish(blow.mapping, `round ${round}`).then(
    () => void publishes.published++,
    () => void publishes.cutOff++,
  );
  if (blow.killAfterMs !== undefined) {
    await sleep(blow.killAfterMs);
    await processes.kill(['main']);
  }
  await published;
}

/**
 * The delta tokens expire while no deletion is outstanding: a row that is deleted without a valid token stays in Campaign, as
 * docs/checkpoint.md says. So nobody deletes until a change has come through that was made after it.
 */
async function expireTokens(stage: Stage, round: number, random: Random): Promise<void> {
  const { world, people, faults } = stage;
  await faults.clear();
  const heldBefore = people.holdDeletes;
  people.holdDeletes = true;
  if (!(await comesThrough(stage, `Before ${round}`, random, TOKEN_PATIENCE_MS))) {
    people.holdDeletes = heldBefore;
    return;
  }
  await world.control.json('POST', '/settings', { expireDeltaTokens: true });
  faults.add('expired delta token', 1);
  if (await comesThrough(stage, `After ${round}`, random, TOKEN_PATIENCE_MS)) people.holdDeletes = false;
}

/** Where deletes are still held: looks whether changes come through now. */
export async function releaseDeletes(
  stage: Pick<Stage, 'world' | 'people'>,
  round: number,
  random: Random,
): Promise<void> {
  if (!stage.people.holdDeletes) return;
  if (await comesThrough(stage, `Again ${round}`, random, RELEASE_PATIENCE_MS)) stage.people.holdDeletes = false;
}

/** Changes a contact, and waits until Campaign has it and no profile of a contact that is gone. */
async function comesThrough(
  { world, people }: Pick<Stage, 'world' | 'people'>,
  name: string,
  random: Random,
  patienceMs: number,
): Promise<boolean> {
  const marked = await people.mark(name, random);
  if (!marked) return false;
  return await world.until(async () => {
    const profiles = await world.control.dump('campaign', 'profile');
    const there = new Set(profiles.map((profile) => String(profile['externalId'])));
    const arrived = profiles.some(
      (profile) => profile['externalId'] === marked.id && profile['lastName'] === marked.lastName,
    );
    return arrived && !people.gone.some((id) => there.has(id));
  }, patienceMs);
}

/** A blow in words, for the line of progress. */
export function inWords(blow: Blow): string {
  const names = (who: readonly (number | 'main')[]) =>
    who.map((name) => (name === 'main' ? 'main' : `worker ${name + 1}`)).join(', ');
  switch (blow.kind) {
    case 'kill':
      return `kill ${names(blow.who)}`;
    case 'kill-starting':
      return `kill ${names(blow.who)}, and again ${blow.againAfterMs.join(', ')} ms after the start`;
    case 'stop':
      return `stop ${names(blow.who)}`;
    case 'freeze':
      return `freeze ${names(blow.who)} for ${blow.forMs} ms`;
    case 'publish':
      return `publish "${blow.mapping}"${blow.killAfterMs === undefined ? '' : `, killed after ${blow.killAfterMs} ms`}`;
    case 'expire-tokens':
      return 'delta tokens expire';
    case 'service':
      return `${blow.service} away for ${blow.awayMs} ms`;
  }
}
