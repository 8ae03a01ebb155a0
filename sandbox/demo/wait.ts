import type { N8nHandle } from '../n8n-host/start-n8n';
import type { Measured } from './figures';

/** Without any progress for so long, the demo gives up. */
export const STALLED_AFTER_MS = 180_000;

/** Nothing moves any more. The message says what differs, what failed last, and how n8n's log ends. */
export class StallError extends Error {
  constructor(
    message: string,
    readonly measured: Measured,
  ) {
    super(message);
    this.name = 'StallError';
  }
}

/** Notices that nothing moves any more. */
export class StallWatch {
  private state = '';
  private movedAt: number;

  constructor(private readonly now: () => number = Date.now) {
    this.movedAt = now();
  }

  /** @returns true when nothing has moved for too long */
  isStalled(measured: Measured): boolean {
    // Not the engine calls: a record that is tried again in vain makes some each time.
    const { backlog, rejected, optOuts, timeline, eventsWaiting } = measured;
    const state = JSON.stringify([backlog, rejected, optOuts, timeline, eventsWaiting]);
    if (state !== this.state) [this.state, this.movedAt] = [state, this.now()];
    return this.now() - this.movedAt > STALLED_AFTER_MS;
  }
}

/** @param what was waited for, e.g. `the opt-out of the contact ... in Dynamics 365` */
export async function stallError(what: string, measured: Measured, n8n: N8nHandle): Promise<StallError> {
  const { rest } = n8n;
  const [failed] = await rest.executions({ status: ['error', 'crashed'] }, 1);
  const error = failed ? (await rest.execution(failed.id)).data.resultData?.error : undefined;
  const lines = [
    `Nothing has moved for ${STALLED_AFTER_MS / 1000} s. Waited in vain for ${what}.`,
    ...differencesInWords(measured),
    error ? `The latest failed execution: ${(error as { message?: string }).message ?? ''}` : '',
    `n8n's log ends with:\n${await n8n.logTail(20)}`,
  ];
  return new StallError(lines.filter(Boolean).join('\n'), measured);
}

/** A line for each kind of difference; none where there is none. */
export function differencesInWords({ differences, optOutDifferences, timelineDifferences }: Measured): string[] {
  return [
    inWords(
      'Records that differ',
      differences.map(({ id, kind, field }) => `${id} ${field ? `${kind} (${field})` : kind}`),
    ),
    inWords(
      'Opt-outs on one side only',
      optOutDifferences.map(({ id, column }) => `${id} ${column}`),
    ),
    inWords(
      'Events that differ',
      timelineDifferences.map(({ kind, event }) => `${event} ${kind}`),
    ),
  ].filter(Boolean);
}

function inWords(what: string, differences: readonly string[]): string {
  if (!differences.length) return '';
  return `${what}: ${differences.length}, ${differences.slice(0, 5).join(', ')}${differences.length > 5 ? ' ...' : ''}`;
}
