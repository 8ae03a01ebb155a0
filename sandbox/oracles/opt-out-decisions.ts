import type { DumpedRow } from '../control-client';

/**
 * The kept decisions (rows of the template's Data table) whose write is not what the rule makes of what was read (Bidirectional): where
 * Campaign's time is newer, by whole seconds, Campaign's value; otherwise the opt-out, whichever side has it. Nobody is opted in to
 * Campaign. A time that is not known is never newer.
 */
export function decisionsAgainstTheRule(decisions: readonly DumpedRow[]): DumpedRow[] {
  return decisions.filter((row) => {
    const [dynamics, campaign] = [row['dynamicsOptedOut'] === 'yes', row['campaignOptedOut'] === 'yes'];
    const known = row['dynamicsTimeStatus'] === 'known' && row['campaignTimeStatus'] === 'known';
    const newer = known && second(row['campaignTime']) > second(row['dynamicsTime']);
    const optIn = row['newValue'] !== true;
    return row['newValue'] !== (newer ? campaign : dynamics || campaign) || (optIn && row['writeTo'] === 'campaign');
  });
}

const second = (iso: unknown): number => Math.floor(Date.parse(String(iso)) / 1000);
