import { z } from 'zod';
import { FatalError, sentence } from '../../core/errors';

/**
 * Where a trigger stands in reading a table. docs/checkpoint.md draws the phases:
 *
 * - `safety-token`: reads the ids only, to get a delta token from **before** the load (Dataverse hands one out at the end of a read only).
 * - `load`: reads every row with its columns, page by page, and gets the delta token for the time after.
 * - `catch-up`: goes through what changed or was deleted since the safety token; whatever happened during the load is in here.
 * - `delta`: the steady state.
 */
export type Position = (
  | { readonly phase: 'safety-token'; readonly link: string | null; readonly load: LoadKind }
  | { readonly phase: 'load'; readonly link: string | null; readonly safety: string | null; readonly load: LoadKind }
  | { readonly phase: 'catch-up'; readonly link: string; readonly then: string }
  | { readonly phase: 'delta'; readonly link: string }
) &
  PagesSoFar;

/** What has to be carried through a read of several pages: servers place their delta link on any of them. */
interface PagesSoFar {
  /** The link at which this read began; absent on its first page. */
  readonly began?: string | undefined;
  /** The delta link that was seen on an earlier page of this read. */
  readonly seen?: string | undefined;
}

/**
 * Why everything is read: the first run, a replay the user asked for, an expired delta token; `silent` reads without
 * emitting (only changes from now on, or a new delta token after the columns were changed).
 */
export type LoadKind = 'initial' | 'replay' | 'expired' | 'silent';

/** What the trigger keeps in the workflow's static data. A few KB at most (docs/facts/n8n.md, "Static data"). */
export interface Checkpoint {
  readonly version: 1;
  /** Origin of the organization, e.g. `https://org.crm4.dynamics.com`. */
  readonly organization: string;
  /** The organization's own id, by which it is known under every address; absent in a checkpoint of an earlier version. */
  readonly organizationId?: string | undefined;
  readonly table: string;
  /** Sorted. */
  readonly columns: readonly string[];
  /** The value of the trigger's setting "Replay" that was carried out last. */
  readonly replay: string;
  readonly position: Position;
  /** Number of the delivery under way, or of the last one. */
  readonly delivery: number;
  /** ISO time until which the run of that delivery may write; null once the run has ended. */
  readonly deliveryUntil: string | null;
}

const loadKind = z.enum(['initial', 'replay', 'expired', 'silent']);
const pagesSoFar = { began: z.string().optional(), seen: z.string().optional() };
const link = z.string().nullable();
const position = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('safety-token'), link, load: loadKind, ...pagesSoFar }),
  z.object({ phase: z.literal('load'), link, safety: z.string().nullable(), load: loadKind, ...pagesSoFar }),
  z.object({ phase: z.literal('catch-up'), link: z.string().min(1), then: z.string().min(1), ...pagesSoFar }),
  z.object({ phase: z.literal('delta'), link: z.string().min(1), ...pagesSoFar }),
]);
const checkpoint = z.object({
  version: z.literal(1),
  organization: z.string(),
  organizationId: z.string().optional(),
  table: z.string().min(1),
  columns: z.array(z.string()),
  replay: z.string(),
  position,
  delivery: z.number().int().nonnegative(),
  deliveryUntil: z.string().nullable(),
});

/**
 * Reads a stored checkpoint; `undefined` where there is none yet.
 *
 * @throws FatalError CHECKPOINT_UNREADABLE when there is one that this version can't read. It is never taken for "none": that would start a
 * full load, or worse, begin "from now on" and lose what happened meanwhile.
 */
export function parseCheckpoint(stored: unknown): Checkpoint | undefined {
  if (stored === undefined || stored === null) return undefined;
  // Static data comes wrapped in n8n's change-observing proxies; a copy is plain.
  const parsed = checkpoint.safeParse(JSON.parse(JSON.stringify(stored)));
  if (parsed.success) return parsed.data;
  throw new FatalError('CHECKPOINT_UNREADABLE', "The trigger's stored checkpoint can't be read by this version.", {
    hint: 'Install the version that wrote it, or empty the static data of the workflow to begin with a full load (docs/checkpoint.md).',
  });
}

/** What the user has set, as far as the checkpoint depends on it. */
export interface FeedSettings {
  /** Origin, and the organization's own id where it is known. */
  readonly organization: string;
  readonly organizationId?: string | undefined;
  readonly table: string;
  readonly columns: readonly string[];
  readonly replay: string;
  readonly start: 'full' | 'now';
}

/** How an activation goes on, decided from the stored checkpoint and the settings. */
export interface Resumption {
  readonly checkpoint: Checkpoint;
  /** For the log. `moved`: the same organization under another address. */
  readonly why: 'first-run' | 'resumed' | 'moved' | 'replay' | 'columns-changed' | 'other-table' | 'other-organization';
}

/**
 * The link from which nothing that is still outstanding is missed. A read of several pages is gone back to its begin: its next link leads to
 * the end of that read alone, which lies before whatever happened since.
 */
function outstanding(at: Position): string | null {
  switch (at.phase) {
    case 'safety-token':
      return null;
    case 'load':
      return at.safety;
    case 'catch-up':
    case 'delta':
      return at.began ?? at.link;
  }
}

/** The links of a position, so that all of them can be followed after the organization moved to another address. */
function withLinks(at: Position, change: (link: string) => string): Position {
  const moved: Record<string, unknown> = { ...at };
  for (const name of ['link', 'safety', 'then', 'began', 'seen']) {
    if (typeof moved[name] === 'string') moved[name] = change(moved[name]);
  }
  return moved as unknown as Position;
}

/**
 * Decides where to go on. What is outstanding is never dropped: a replay and a change of the columns keep the delta token they find as
 * the safety token, so that changes and deletions since then come after the load.
 */
export function resume(found: Checkpoint | undefined, settings: FeedSettings): Resumption {
  const { stored, moved } = atAddress(found, settings);
  const columns = [...settings.columns].sort();
  const fresh = (load: LoadKind, delivery: number): Checkpoint => ({
    version: 1,
    organization: settings.organization,
    ...(settings.organizationId === undefined ? {} : { organizationId: settings.organizationId }),
    table: settings.table,
    columns,
    replay: settings.replay,
    position: { phase: 'safety-token', link: null, load },
    delivery,
    deliveryUntil: stored?.deliveryUntil ?? null,
  });
  const firstLoad: LoadKind = settings.start === 'full' ? 'initial' : 'silent';
  if (!stored) return { checkpoint: fresh(firstLoad, 0), why: 'first-run' };
  if (!isSameOrganization(stored, settings)) {
    // What was outstanding there is told by the trigger; here everything is new, whatever "Start With" says.
    return { checkpoint: fresh('expired', stored.delivery), why: 'other-organization' };
  }
  if (stored.table !== settings.table) return { checkpoint: fresh(firstLoad, stored.delivery), why: 'other-table' };
  const restart = (load: LoadKind): Checkpoint => {
    const safety = outstanding(stored.position);
    const start = fresh(load, stored.delivery);
    return safety === null ? start : { ...start, position: { phase: 'load', link: null, safety, load } };
  };
  if (stored.replay !== settings.replay) return { checkpoint: restart('replay'), why: 'replay' };
  if (stored.columns.join() !== columns.join()) {
    const at = stored.position;
    // A load that had not ended begins again with the new columns, as loud as it was.
    const load = at.phase === 'load' || at.phase === 'safety-token' ? at.load : 'silent';
    return { checkpoint: restart(load), why: 'columns-changed' };
  }
  const { organizationId } = settings;
  const checkpoint = organizationId === undefined ? stored : { ...stored, organizationId };
  return { checkpoint, why: moved ? 'moved' : 'resumed' };
}

function isSameOrganization(stored: Checkpoint, { organization, organizationId }: FeedSettings): boolean {
  return stored.organizationId === undefined || organizationId === undefined
    ? stored.organization === organization
    : stored.organizationId === organizationId;
}

/**
 * An organization has several addresses (`contoso.crm4...`, `contoso.api.crm4...`) and may move to another region: with the same id it is the
 * same one, and its links go on at the new address.
 */
function atAddress(
  stored: Checkpoint | undefined,
  settings: FeedSettings,
): { readonly stored: Checkpoint | undefined; readonly moved: boolean } {
  if (!stored || stored.organization === settings.organization || !isSameOrganization(stored, settings)) {
    return { stored, moved: false };
  }
  const from = stored.organization;
  const change = (link: string) =>
    link.startsWith(`${from}/`) ? settings.organization + link.slice(from.length) : link;
  return {
    stored: { ...stored, organization: settings.organization, position: withLinks(stored.position, change) },
    moved: true,
  };
}

/**
 * The position after a page.
 *
 * A delta link is taken wherever it stands; pages of one read may follow it. A read of changes that ends without any is no reason to read
 * them for ever: a new delta token is fetched, from where this read began, so that nothing in between is missed.
 *
 * @param hasChanges the page holds rows or deletions
 * @throws FatalError PAGE_DOES_NOT_ADVANCE when the page's link is one that it was read from, or a full read ended without any delta link:
 * going on would read the same page forever, or lose the place.
 */
export function advance(at: Position, page: { nextLink?: string; deltaLink?: string }, hasChanges = false): Position {
  const seen = page.deltaLink ?? at.seen;
  if (page.nextLink !== undefined) {
    if (page.nextLink === at.link || page.nextLink === at.began) {
      throw doesNotAdvance('The next link is the link of the page itself.');
    }
    return { ...at, link: page.nextLink, ...carried(at, seen) };
  }
  switch (at.phase) {
    case 'safety-token':
      if (seen === undefined) throw doesNotAdvance('The last page has no delta link.');
      return { phase: 'load', link: null, safety: seen, load: at.load };
    case 'load':
      if (seen === undefined) throw doesNotAdvance('The last page has no delta link.');
      return at.safety === null ? { phase: 'delta', link: seen } : { phase: 'catch-up', link: at.safety, then: seen };
    case 'catch-up':
      return { phase: 'delta', link: at.then };
    case 'delta':
      if (seen !== undefined) return { phase: 'delta', link: seen };
      // "Nothing changed" may come without a new link: the old one stays good (docs/facts/dataverse.md, "Change tracking").
      if (at.began === undefined && !hasChanges) return at;
      return { phase: 'load', link: null, safety: at.began ?? at.link, load: 'silent' };
  }
}

/**
 * Where a read of changes began is what to go back to; the other reads know their way without it. A catch-up goes on from another link than
 * the one that it sees.
 */
function carried(at: Position, seen: string | undefined): PagesSoFar {
  switch (at.phase) {
    case 'catch-up':
      return { began: at.began ?? at.link };
    case 'delta':
      return { began: at.began ?? at.link, ...(seen === undefined ? {} : { seen }) };
    default:
      return seen === undefined ? {} : { seen };
  }
}

function doesNotAdvance(what: string): FatalError {
  return new FatalError('PAGE_DOES_NOT_ADVANCE', sentence(`Dataverse answered a page that does not lead on. ${what}`), {
    hint: 'Check that change tracking is still on for the table.',
  });
}
