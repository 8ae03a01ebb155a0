import type { FaultKind, PlannedFault } from './network';
import { FAULTS, Network, PASSING_FAULTS } from './network';
import { HARSH_ACTIONS, type Action, type Flow, type FlowKind, type FlowWorld } from './flows/flow';
import { FLOWS, type FlowName } from './flows/index';
import { N8n } from './n8n';
import type { PlannedStall } from './process';
import { SeededRandom } from './random';
import { Scheduler } from './scheduler';
import { drawSftpFaults, SimulatedSftp, type PlannedSftpFault, type SftpFaultKind } from './sftp';
import { Systems, type ProfileKeys } from './systems';
import type { SettingsInput } from '../../sandbox/settings';

/** Something that was promised and did not hold. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
  readonly step: number;
  readonly atMs: number;
}

/** All that a history is made of. What is left out of it (see shrink.ts) does not happen; nothing else changes its draws. */
export interface Plan {
  /** Nothing goes wrong but what passes by itself within a few tries: then no run fails. */
  readonly onlyPassing?: boolean;
  readonly keys?: ProfileKeys;
  readonly flow: FlowName;
  readonly seed: number;
  readonly queueMode: boolean;
  readonly settings: SettingsInput;
  /** Faults and people's changes come within this time. */
  readonly eventfulMs: number;
  readonly actions: readonly Action[];
  readonly faults: readonly PlannedFault[];
  /** After how many of its operations the main process is killed, one number for each of its lives. */
  readonly kills: readonly number[];
  /** The same for workers, in the order in which they start. */
  readonly workerKills: readonly number[];
  readonly stalls: readonly PlannedStall[];
  /** Of flows that read exports. */
  readonly sftpFaults?: readonly PlannedSftpFault[];
}

/** How a history ended. */
export interface Played {
  readonly violation: Violation | undefined;
  readonly steps: number;
  readonly kills: number;
  readonly faults: ReadonlyMap<FaultKind | `sftp ${SftpFaultKind}`, number>;
  /** Of the whole state, at each kill: which situations were met. */
  readonly states: readonly string[];
}

export interface TraceLine {
  readonly step: number;
  readonly atMs: number;
  readonly owner: string;
  readonly what: string;
}

/** Once nothing goes wrong any more, everything has to be in its place within this time: a run's whole time, and pauses. */
const UNTIL_REST_MS = 45 * 60_000;
const MOST_STEPS = 60_000;

/** Draws a history: what people do, what goes wrong, when processes die. */
export function drawPlan(flow: FlowName, seed: number): Plan {
  const random = new SeededRandom(seed, 'plan');
  const kind: FlowKind = FLOWS[flow];
  // Most faults need little time; some need time-outs, tokens that end, and a schedule that comes round.
  const eventfulMs = random.chance(0.03) ? 1_000_000 : random.pick([45_000, 45_000, 45_000, 90_000, 180_000]);
  const systems = ['campaign', 'campaign', 'dataverse', 'dataverse', 'entra', 'ims'] as const;
  // One history in four has no faults at all, so that the others' are not the only ones.
  const onlyPassing = random.chance(0.18);
  // Half of these are quiet altogether.
  const isQuiet = random.chance(0.5);
  const queueMode = random.chance(0.3) && !(onlyPassing && isQuiet);
  const passing = Array.from({ length: isQuiet ? 0 : random.between(1, 3) }, (): PlannedFault => ({
    system: random.pick(systems),
    nth: random.below(60),
    count: 1,
    fault: random.pick(PASSING_FAULTS),
    writesOnly: random.chance(0.5),
  }));
  const drawnFaults = random.chance(0.25)
    ? []
    : Array.from({ length: random.between(1, 8) }, (): PlannedFault => ({
        system: random.pick(systems),
        nth: random.chance(0.5) ? random.below(30) : random.below(160),
        count: random.chance(0.8) ? random.between(1, 3) : random.between(4, 25),
        fault: random.pick(FAULTS),
        writesOnly: random.chance(0.3),
      }));
  const drawnKills = random.chance(0.3)
    ? []
    : Array.from({ length: random.between(1, 4) }, () => random.between(1, random.chance(0.5) ? 60 : 400));
  if (random.chance(0.1)) {
    const nth = random.below(80);
    drawnFaults.push({ system: 'campaign', nth, count: 1, fault: 'not-found-page' });
  }
  // Gateways fail for a while, not by turns: a page that says "not found" is asked about once more before it is believed.
  const page = drawnFaults.findIndex(({ fault }) => fault === 'not-found-page');
  const faults = onlyPassing
    ? passing
    : drawnFaults.filter(({ fault }, at) => fault !== 'not-found-page' || at === page);
  const kills = onlyPassing ? [] : drawnKills;
  const actions = kind
    .drawActions(random, eventfulMs)
    .filter((action) => !onlyPassing || !HARSH_ACTIONS.has(action.kind))
    .sort((a, b) => a.atMs - b.atMs);
  return {
    flow,
    seed,
    queueMode,
    onlyPassing,
    keys: {
      // What is on its way when a process dies, or in another worker, may make a second profile: only Campaign can refuse that.
      unique: random.chance(0.5) || queueMode || kills.length > 0 || actions.some(({ kind }) => kind === 'kill'),
      inAnyCase: random.chance(0.1),
    },
    settings: drawSettings(random),
    eventfulMs,
    actions,
    faults,
    kills,
    workerKills: queueMode && !onlyPassing ? Array.from({ length: random.below(4) }, () => random.between(1, 150)) : [],
    stalls:
      onlyPassing || random.chance(0.6)
        ? []
        : Array.from({ length: random.between(1, 3) }, () => drawStall(random, queueMode)),
    ...(kind.readsExports ? { sftpFaults: drawSftpFaults(new SeededRandom(seed, 'sftp plan')) } : {}),
  };
}

/** Shorter than the grace of a delivery, longer than that, longer than a whole run. */
function drawStall(random: SeededRandom, queueMode: boolean): PlannedStall {
  return {
    process: queueMode && random.chance(0.5) ? 'worker' : 'main',
    atWake: random.between(1, random.chance(0.5) ? 60 : 300),
    ms: random.pick([3_000, 20_000, 200_000]),
  };
}

/** Every legal reading of what no source settles. */
function drawSettings(random: SeededRandom): SettingsInput {
  const deltaLinkOn = random.pick(['last', 'last', 'first', 'every'] as const);
  return {
    entra: { tokenLifetimeSeconds: random.pick([60, 300, 3_599]) },
    ims: { tokenLifetimeSeconds: random.pick([60, 300, 86_399]) },
    dataverse: {
      maxPageSize: random.pick([2, 3, 5_000]),
      deltaTokenCut: random.pick(['start', 'start', 'end']),
      deltaLinkOn,
      // An empty last page has no link, so the delta link has to stand before it.
      emptyLastPage: deltaLinkOn !== 'last' && random.chance(0.4),
      nothingChanged: random.pick(['empty-value', 'empty-object', 'no-link']),
      expiredTokenStatus: random.pick([400, 410]),
      repeatRowsAcrossPages: random.chance(0.3),
    },
    campaign: {
      product: random.pick(['standard', 'standard', 'v8']),
      hrefs: random.pick(['absolute', 'host', 'campaign']),
      requestsPerSecond: random.chance(0.1) ? 5 : null,
    },
  };
}

/**
 * Plays a history from start to end. The same plan gives the same history, step by step.
 *
 * @param onStep hears of each step
 */
export async function play(plan: Plan, onStep?: (line: TraceLine) => void): Promise<Played> {
  const scheduler = new Scheduler(new SeededRandom(plan.seed, 'order'));
  if (onStep) scheduler.onStep = (step, atMs, owner, what) => onStep({ step, atMs, owner, what });
  let violation: Violation | undefined;
  const violated = (invariant: string, detail: string) => {
    violation ??= { invariant, detail, step: scheduler.steps, atMs: scheduler.now };
  };
  const systems = new Systems(scheduler, plan.settings, FLOWS[plan.flow].contactColumns, plan.keys);
  const network = new Network(scheduler, systems, new SeededRandom(plan.seed, 'network'), plan.faults);
  const sftp = new SimulatedSftp(scheduler, new SeededRandom(plan.seed, 'sftp'), plan.sftpFaults ?? []);
  scheduler.withStreams = FLOWS[plan.flow].readsExports;
  const chance = new SeededRandom(plan.seed, 'clients');
  const clocks = new SeededRandom(plan.seed, 'clocks');
  const n8n = new N8n(scheduler, new SeededRandom(plan.seed, 'n8n'), {
    queueMode: plan.queueMode,
    workers: 2,
    clockOffsetMs: () => clocks.between(-2_000, 2_000),
    surroundings: (process) => ({
      clients: { clock: process.clock, random: chance.next, transport: network.transportOf(process) },
      openSftp: sftp.openOf(process),
    }),
    kills: plan.kills,
    workerKills: plan.workerKills,
    stalls: plan.stalls,
    checksIncidents: !FLOWS[plan.flow].looksAtIncidents,
  });
  const isHarsh = plan.actions.some(({ kind }) => HARSH_ACTIONS.has(kind));
  const isQuiet = plan.faults.length + plan.kills.length + plan.stalls.length === 0 && !plan.queueMode && !isHarsh;
  const random = new SeededRandom(plan.seed, 'flow');
  const duringNextWrite = (then: () => void) => (network.duringNextWrite = then);
  const duringNextLookUp: FlowWorld['duringNextLookUp'] = (then) => (network.duringNextLookUp = then);
  const during = { duringNextWrite, duringNextLookUp };
  const world: FlowWorld = { scheduler, systems, sftp, n8n, random, isQuiet, ...during, violated };
  const flow: Flow = FLOWS[plan.flow].make(world);
  systems.onCampaignWrite = (write) => flow.onCampaignWrite(write);
  n8n.onStored = (workflow, text) => flow.onStored(workflow, text);
  n8n.onBroken = violated;
  n8n.onRunFailed = (workflow, error) => {
    if (plan.onlyPassing) violated('what passes by itself fails no run', `a run of ${workflow}: ${String(error)}`);
  };
  n8n.onDefect = (what, error) => violated('nothing fails where nothing may', `${what}: ${String(error)}`);
  flow.prepare();
  for (const workflow of flow.workflows) n8n.published.set(workflow.id, workflow);
  const startMs = scheduler.now;
  for (const action of plan.actions) {
    scheduler.after(action.atMs, undefined, `${action.kind} ${action.subject}`, () => flow.act(action));
  }
  n8n.start();
  const begun = () => scheduler.now - startMs;
  await scheduler.run(() => !violation && begun() < plan.eventfulMs + 1_000 && scheduler.steps < MOST_STEPS);
  // From here on everything works, and nobody changes anything: all has to come to its place.
  network.faulty = sftp.faulty = false;
  n8n.stopKilling();
  const calmFrom = scheduler.now;
  let looked = scheduler.now;
  await scheduler.run(() => {
    if (violation || scheduler.steps >= MOST_STEPS) return false;
    if (scheduler.now - looked < 5_000) return true;
    looked = scheduler.now;
    const isRest = flow.difference() === undefined && n8n.openIncident() === undefined;
    return !isRest && scheduler.now - calmFrom < UNTIL_REST_MS;
  });
  const difference = violation ? undefined : flow.difference();
  if (difference !== undefined) violated('nothing is lost', difference);
  const open = n8n.openIncident();
  if (open !== undefined) violated('an incident is cleared once', `never said to be over: ${open}`);
  if (scheduler.steps >= MOST_STEPS) violated('nothing goes round in circles', `${MOST_STEPS} steps`);
  if (!violation) {
    flow.atRest();
    n8n.checkRest(violated);
  }
  const sftpFaults = [...sftp.struck].map(([fault, count]) => [`sftp ${fault}`, count] as const);
  const faults = new Map([...network.struck, ...sftpFaults]);
  return { violation, steps: scheduler.steps, kills: n8n.kills, faults, states: n8n.statesAtKills };
}
