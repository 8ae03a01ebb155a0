import type { WorkflowJson } from '../n8n-host/rest';
import { nameOf } from './mapped-pairs';
import type { DumpedRow } from '../control-client';

/** A line of the Opt-Out Resolver: the same consent on both sides. */
export interface OptOutPair {
  readonly column: string;
  readonly field: string;
  /** In Dynamics 365 `false` is the opt-out. */
  readonly inverted: boolean;
}

export interface OptOutDifference {
  readonly id: string;
  readonly column: string;
}

export interface OptOutComparison {
  /** Opt-outs that both sides have; one person may have several. */
  readonly onBothSides: number;
  readonly differences: readonly OptOutDifference[];
}

/** The lines of a workflow's Opt-Out Resolver. Reads the JSON of the template only, nothing of the node's code. */
export function optOutPairs(workflow: WorkflowJson): OptOutPair[] {
  return workflow.nodes
    .filter(({ type }) => type.endsWith('.optOutResolver'))
    .flatMap(({ parameters }) => (parameters['mapping'] as { lines?: OptOutPair[] } | undefined)?.lines ?? [])
    .map(({ column, field, inverted }) => ({ column: nameOf(column), field: nameOf(field), inverted }));
}

export function isOptedOutInDynamics(contact: DumpedRow, { column, inverted }: OptOutPair): boolean {
  return inverted ? contact[column] === false : contact[column] === true;
}

/** `blackList` is the opt-out from every channel; CCPA's is no channel. */
export function isOptedOutInCampaign(profile: DumpedRow, { field }: OptOutPair): boolean {
  return profile[field] === true || (field !== 'ccpaOptOut' && profile['blackList'] === true);
}

/**
 * Compares the opt-outs of the persons that both sides know, field by field: any column of a field opts out, and a column of `blackList`
 * opts out of every channel. Both ways, no rule ends with two different values. A difference names the field's first column.
 */
export function compareOptOuts(
  contacts: readonly DumpedRow[],
  profiles: readonly DumpedRow[],
  pairs: readonly OptOutPair[],
): OptOutComparison {
  const profileOf = new Map(profiles.map((profile) => [String(profile['externalId']).toLowerCase(), profile]));
  const firsts = pairs.filter((pair, index) => pairs.findIndex(({ field }) => field === pair.field) === index);
  const differences: OptOutDifference[] = [];
  let onBothSides = 0;
  for (const contact of contacts) {
    const id = String(contact['contactid']);
    const profile = profileOf.get(id);
    if (!profile) continue;
    for (const first of firsts) {
      const says = ({ field }: OptOutPair) =>
        field === first.field || (field === 'blackList' && first.field !== 'ccpaOptOut');
      const here = pairs.some((pair) => says(pair) && isOptedOutInDynamics(contact, pair));
      const there = isOptedOutInCampaign(profile, first);
      if (here !== there) differences.push({ id, column: first.column });
      else if (here) onBothSides++;
    }
  }
  return { onBothSides, differences };
}
