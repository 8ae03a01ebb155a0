import type { IDataObject } from 'n8n-workflow';

/** How a trigger keeps its progress in workflow static data. */
export interface TriggerProgress {
  /** What was stored when the trigger started; undefined where there was nothing. */
  readonly stored: unknown;
  /** Stores a new state; n8n writes it to its database with the next emit. */
  save(state: object): void;
  /** The trigger stops. */
  close(): void;
}

/** The newest stored state of a trigger that this process has seen, and its run that may store; undefined: it does not run here. */
interface Entry {
  value: IDataObject | undefined;
  run: symbol | undefined;
}

/**
 * The progress of the triggers of one process, by workflow and key.
 *
 * n8n writes a workflow's static data as a whole. It gives the triggers that start together one object, but a trigger that is started again
 * by itself (a new publish restarts only those whose own settings changed) gets an object of its own. From then on each of two triggers
 * in one workflow would write back what the other one had stored at that time, and a crash would set the other one back by any number of
 * batches. So every save writes the newest state of each trigger, known by the number of its saves.
 */
export class ProgressBoard {
  /** The one that was used last stands last. */
  private readonly workflows = new Map<string, Map<string, Entry>>();

  /**
   * @param mostWorkflows so many are remembered, besides those with a running trigger. One that is forgotten goes on from its static data,
   *   which n8n has stored long since.
   */
  constructor(private readonly mostWorkflows = 1_000) {}

  /** How many workflows are remembered. */
  get size(): number {
    return this.workflows.size;
  }

  /**
   * @param staticData of the workflow (`global`), as n8n gives it to this trigger
   * @param workflow its id
   * @param key with the node's id: n8n's own store for a node goes by its name, and renaming would lose the progress
   */
  open(staticData: IDataObject, workflow: string, key: string): TriggerProgress {
    const entries = this.workflows.get(workflow) ?? new Map<string, Entry>();
    this.used(workflow, entries);
    // Somebody has emptied the static data, which means: begin anew.
    if (staticData[key] === undefined) entries.delete(key);
    exchange(staticData, entries);
    const stored: unknown = staticData[key];
    const entry: Entry = entries.get(key) ?? { value: undefined, run: undefined };
    entries.set(key, entry);
    const run = Symbol(key);
    entry.run = run;
    this.forgetLongestUnused();
    return {
      stored,
      save: (state) => {
        // A run that was stopped, and is slow to end, must not store over the one that was started in its place.
        if (entry.run !== run) return;
        entry.value = { ...(state as IDataObject), saves: savesOf(entry.value ?? stored) + 1 };
        staticData[key] = entry.value;
        exchange(staticData, entries);
      },
      close: () => {
        if (entry.run !== run) return;
        entry.run = undefined;
        this.used(workflow, entries);
        this.forgetLongestUnused();
      },
    };
  }

  private used(workflow: string, entries: Map<string, Entry>): void {
    this.workflows.delete(workflow);
    this.workflows.set(workflow, entries);
  }

  private forgetLongestUnused(): void {
    if (this.workflows.size <= this.mostWorkflows) return;
    for (const [workflow, entries] of this.workflows) {
      if ([...entries.values()].some(({ run }) => run !== undefined)) continue;
      this.workflows.delete(workflow);
      if (this.workflows.size <= this.mostWorkflows) return;
    }
  }

  /** Forgets everything, as the end of the process does. */
  clear(): void {
    this.workflows.clear();
  }
}

/** Gives each side the newer state of every trigger. What is missing in static data is added only for triggers that run. */
function exchange(staticData: IDataObject, entries: Map<string, Entry>): void {
  for (const [key, value] of Object.entries(staticData)) {
    const known = entries.get(key);
    if (savesOf(value) <= savesOf(known?.value)) continue;
    // Plain: what comes from static data is wrapped in n8n's change-observing proxies, which hold on to the whole of it.
    const plain = JSON.parse(JSON.stringify(value)) as IDataObject;
    if (known) known.value = plain;
    else entries.set(key, { value: plain, run: undefined });
  }
  for (const [key, { value, run }] of entries) {
    if (value === undefined) continue;
    const here = staticData[key];
    if (here === undefined ? run !== undefined : savesOf(here) < savesOf(value)) staticData[key] = value;
  }
}

/** How often a state was stored before it was; 0 for anything that is no stored state. */
function savesOf(value: unknown): number {
  const saves = typeof value === 'object' && value !== null ? (value as IDataObject)['saves'] : undefined;
  return typeof saves === 'number' ? saves : 0;
}
