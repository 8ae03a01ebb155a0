/** What the demo shows; counts of records unless said otherwise. */
export interface Figures {
  readonly contacts: number;
  readonly profiles: number;
  /** Records that differ between the two sides, waiting to be written. */
  readonly backlog: number;
  readonly rejected: number;
  readonly engineCalls: number;
  /** Executions of n8n that failed; the template keeps no others. */
  readonly runsFailed: number;
}

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const PLAIN_EVERY_MS = 5_000;

/** Shows the figures live: redrawn in place on a terminal, a line whenever they changed elsewhere. */
export class Display {
  private drawn = 0;
  private lastPlain = '';
  private lastPlainAt = -Infinity;

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
    const share = figures.contacts ? Math.min(1, figures.profiles / figures.contacts) : 1;
    const filled = Math.round(share * 30);
    const lines = [
      '',
      `  Dynamics 365   ${count(figures.contacts)} contacts`,
      `  Adobe Campaign ${count(figures.profiles)} profiles   ${'█'.repeat(filled)}${'░'.repeat(30 - filled)}`,
      `  Backlog        ${count(figures.backlog)}`,
      `  Rejected       ${count(figures.rejected)}`,
      `  Engine calls   ${count(figures.engineCalls)}`,
      ...(figures.runsFailed ? [`  Failed runs    ${count(figures.runsFailed)}`] : []),
      '',
    ];
    this.erase();
    this.terminal.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }

  private plain(figures: Figures): void {
    const { contacts, profiles, backlog, rejected, engineCalls, runsFailed } = figures;
    const line =
      `Dynamics 365: ${contacts} contacts; Campaign: ${profiles} profiles; backlog ${backlog}; rejected ${rejected}; ` +
      `engine calls ${engineCalls}; failed runs ${runsFailed}`;
    const settled = backlog === 0 && !this.lastPlain.includes('backlog 0;');
    if (line === this.lastPlain || (this.now() - this.lastPlainAt < PLAIN_EVERY_MS && !settled)) return;
    this.lastPlain = line;
    this.lastPlainAt = this.now();
    this.terminal.write(`${line}\n`);
  }

  private erase(): void {
    if (this.drawn) this.terminal.write(`\x1b[${this.drawn}A\x1b[0J`);
    this.drawn = 0;
  }
}

function count(value: number): string {
  return value.toLocaleString('en').padStart(9);
}
