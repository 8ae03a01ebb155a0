import type { Figures } from './figures';
import { EVENT_KINDS, type EventCounts, type EventKind } from '../oracles/timeline';

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const PLAIN_EVERY_MS = 5_000;
const BAR_LENGTH = 30;
const EVENT_WORDS: Readonly<Record<EventKind, string>> = {
  send: 'Sends',
  open: 'Opens',
  click: 'Clicks',
  bounce: 'Bounces',
};

/** Shows the figures live: redrawn in place on a terminal, a line whenever they changed elsewhere. */
export class Display {
  private drawn = 0;
  private lastPlain = '';
  private lastPlainAt = -Infinity;
  private lastWasSettled = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = Date.now,
  ) {}

  /** A line that stays, above the figures. */
  say(line: string): void {
    this.erase();
    this.terminal.write(`${line}\n`);
  }

  show(figures: Figures): void {
    if (this.terminal.isTTY) this.redraw(figures);
    else this.plain(figures);
  }

  /** The figures drawn last stay where they are. */
  end(): void {
    this.drawn = 0;
  }

  private redraw(figures: Figures): void {
    const { contacts, profiles, optOuts, timeline } = figures;
    const lines = [
      '',
      `  Dynamics 365   ${count(contacts)} contacts`,
      `  Adobe Campaign ${count(profiles)} profiles   ${bar(profiles, contacts)}`,
      `  Backlog        ${count(figures.backlog)}`,
      `  Rejected       ${count(figures.rejected)}`,
      `  Engine calls   ${count(figures.engineCalls)}`,
      `  Opt-outs       ${count(optOuts.onBothSides)} on both sides, ${optOuts.waiting} waiting`,
      ...(timeline ? timelineLines(timeline) : []),
      ...(figures.runsFailed ? [`  Failed runs    ${count(figures.runsFailed)}`] : []),
      '',
    ];
    this.erase();
    this.terminal.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }

  private plain(figures: Figures): void {
    const { contacts, profiles, backlog, rejected, engineCalls, runsFailed, optOuts, timeline } = figures;
    const line = [
      `Dynamics 365: ${contacts} contacts; Campaign: ${profiles} profiles; backlog ${backlog}; rejected ${rejected}`,
      `engine calls ${engineCalls}${runsFailed ? `; failed runs ${runsFailed}` : ''}`,
      `opt-outs ${optOuts.onBothSides}, ${optOuts.waiting} waiting`,
      ...(timeline ? [`timelines: ${inOneLine(timeline)}`] : []),
    ].join('; ');
    const isSettled = !isWaiting(figures);
    const isDue = this.now() - this.lastPlainAt >= PLAIN_EVERY_MS || (isSettled && !this.lastWasSettled);
    if (line === this.lastPlain || !isDue) return;
    this.lastWasSettled = isSettled;
    this.lastPlain = line;
    this.lastPlainAt = this.now();
    this.terminal.write(`${line}\n`);
  }

  private erase(): void {
    if (this.drawn) this.terminal.write(`\x1b[${this.drawn}A\x1b[0J`);
    this.drawn = 0;
  }
}

function isWaiting({ backlog, optOuts, timeline }: Figures): boolean {
  if (backlog > 0 || optOuts.waiting > 0) return true;
  return timeline !== undefined && EVENT_KINDS.some((kind) => timeline[kind].arrived < timeline[kind].expected);
}

function timelineLines(timeline: EventCounts): string[] {
  return EVENT_KINDS.map((kind, index) => {
    const { expected, arrived } = timeline[kind];
    const numbers = `${EVENT_WORDS[kind].padEnd(8)}${count(arrived)} of ${count(expected)}`;
    return `  ${(index === 0 ? 'Timelines' : '').padEnd(16)}${numbers}   ${bar(arrived, expected)}`;
  });
}

function inOneLine(timeline: EventCounts): string {
  return EVENT_KINDS.map((kind) => {
    const { expected, arrived } = timeline[kind];
    return `${EVENT_WORDS[kind].toLowerCase()} ${arrived} of ${expected}`;
  }).join(', ');
}

function bar(part: number, whole: number): string {
  const filled = Math.round((whole ? Math.min(1, part / whole) : 1) * BAR_LENGTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_LENGTH - filled);
}

function count(value: number): string {
  return value.toLocaleString('en').padStart(9);
}
