import type { SeededRandom } from '../random';
import type { StoredFile } from '../sftp';

export type Log = 'delivery' | 'tracking';
export type Kind = 'send' | 'open' | 'click' | 'bounce';

/** Something that happened to an e-mail, as Campaign logged it. */
export interface LoggedEvent {
  readonly kind: Kind;
  readonly logId: number;
  readonly contact: string;
  /** Of this event and its kind alone: it is known again by it. */
  readonly label: string;
  readonly campaign: string;
  /** ISO 8601, whole seconds. */
  readonly at: string;
  readonly url: string;
  readonly mirror: string;
  /** A whole file with it has been there. */
  mayCome: boolean;
}

/** A row of an export, and what has to become of it. */
export interface LogRow {
  readonly cells: readonly string[];
  readonly event?: LoggedEvent;
  /** It has to be among the rejected ones, with this code; '*': with any. */
  readonly rejected?: string;
}

/** A file that somebody has put into the folder. */
export interface Upload {
  readonly log: Log;
  readonly rows: readonly LogRow[];
  readonly text: string;
  /** The names that it has had. */
  readonly names: Set<string>;
  file: StoredFile;
  whole: boolean;
  /** It can never be read: it is put aside. */
  readonly broken: boolean;
  /** All of its rows have to arrive. False once somebody has taken it out of the folder, or another file its place. */
  must: boolean;
  /** Number of the activation whose trigger moved it to the broken ones. */
  asideBy?: number | undefined;
}

const COLUMNS = ['id', 'externalId', 'campaignLabel', 'deliveryLabel', 'deliveryType', 'mirrorPageUrl'];
const OWN_COLUMNS: Readonly<Record<Log, readonly string[]>> = {
  delivery: ['status', 'failureType', 'eventDate'],
  tracking: ['urlType', 'urlSource', 'logDate'],
};
export const CONTACTS = [0, 1, 2, 3].map((number) => `0c0ffee0-0000-4000-8000-${String(number).padStart(12, '0')}`);
const GONE = '0c0ffee0-0000-4000-8000-00000000dead';
const DAY_MS = 24 * 60 * 60_000;

/** Campaign's logs: rows in the order of their ids, of which exports hold some. */
export class CampaignLogs {
  /** By kind and label. */
  readonly events = new Map<string, LoggedEvent>();
  private readonly rows: Readonly<Record<Log, LogRow[]>> = { delivery: [], tracking: [] };
  private lastId = 1_000;
  private readonly usedAgain = new Set<number>();
  /** Sizes of files that were made: no two have the same, so that a server can tell them apart. */
  private readonly sizes = new Set<number>();

  /** Rows for one more export: new ones mostly, and some that an earlier export had. */
  draw(log: Log, random: SeededRandom, nowMs: number): LogRow[] {
    const count = random.chance(0.06) ? 0 : random.between(1, 6);
    return Array.from({ length: count }, () => {
      const earlier = this.rows[log];
      if (earlier.length > 0 && random.chance(0.12)) return random.pick(earlier);
      const row = this.drawRow(log, random, nowMs);
      earlier.push(row);
      return row;
    });
  }

  private drawRow(log: Log, random: SeededRandom, nowMs: number): LogRow {
    // An id that stood for something else a year ago. The table of rejected rows has one row for an id.
    const again =
      random.chance(0.05) &&
      this.rows[log].find(({ event, rejected }) => event && !rejected && !this.usedAgain.has(event.logId));
    const logId = again && again.event ? again.event.logId : ++this.lastId;
    if (again) this.usedAgain.add(logId);
    const label = again ? `D${logId}old` : `D${logId}`;
    const at = new Date(Math.floor((nowMs - random.below(3 * DAY_MS)) / 1000) * 1000 - (again ? 400 * DAY_MS : 0));
    const fault = random.chance(0.14) ? random.pick(['code', 'time', 'cells', 'contact', 'long'] as const) : undefined;
    const kind = this.drawKind(log, random);
    const url = log === 'tracking' ? `https://shop.example/${logId}` : '';
    const iso = `${at.toISOString().slice(0, 19)}Z`;
    const common = {
      logId,
      contact: fault === 'contact' ? GONE : random.pick(CONTACTS),
      label,
      campaign: fault === 'long' ? 'C'.repeat(201) : `C${random.below(3)}`,
      mirror: random.chance(0.5) ? `https://mirror.example/${logId}` : '',
    };
    const codes =
      log === 'delivery'
        ? fault === 'code'
          ? ['Wrong', '0']
          : kind === 'send'
            ? ['1', '0']
            : kind === 'bounce'
              ? ['2', '2']
              : random.pick([
                  ['2', '1'],
                  ['6', '0'],
                ])
        : [fault === 'code' ? 'Wrong' : kind === 'open' ? '2' : kind === 'click' ? '1' : '3', url];
    const cells = [
      String(logId),
      common.contact,
      common.campaign,
      label,
      'email',
      common.mirror,
      ...(codes as string[]),
      fault === 'time' ? 'soon' : iso.slice(0, 19).replace('T', ' '),
      ...(fault === 'cells' ? ['one', 'two'] : []),
    ];
    if (fault === 'cells') return { cells, rejected: 'ROW_CELLS' };
    if (fault === 'code') return { cells, rejected: log === 'delivery' ? 'UNKNOWN_STATUS' : 'UNKNOWN_LINK_TYPE' };
    if (kind === undefined) return { cells };
    if (fault === 'time') return { cells, rejected: '*' };
    const event: LoggedEvent = { kind, ...common, at: iso, url: kind === 'click' ? url : '', mayCome: false };
    if (fault === 'contact') return { cells, event, rejected: 'CONTACT_GONE' };
    if (fault === 'long') return { cells, event, rejected: '*' };
    this.events.set(`${kind} ${label}`, event);
    return { cells, event };
  }

  private drawKind(log: Log, random: SeededRandom): Kind | undefined {
    if (random.chance(0.12)) return undefined;
    if (log === 'delivery') return random.chance(0.8) ? 'send' : 'bounce';
    return random.chance(0.5) ? 'open' : 'click';
  }

  /** The text of an export. The size of each is another one. */
  text(log: Log, rows: readonly LogRow[]): string {
    const header = [...COLUMNS, ...OWN_COLUMNS[log]].join('\t');
    const lines = rows.map(({ cells }) => cells.join('\t'));
    for (let more = 0; ; more++) {
      // A column that the flow does not read.
      const all = [`${header}\tx${'x'.repeat(more)}`, ...lines.map((line) => `${line}\t1`)];
      const text = all.map((line) => `${line}\n`).join('');
      if (this.sizes.has(text.length)) continue;
      this.sizes.add(text.length);
      return text;
    }
  }
}
