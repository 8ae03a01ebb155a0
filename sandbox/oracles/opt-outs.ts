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

export function isOptedOutInCampaign(profile: DumpedRow, { field }: OptOutPair): boolean {
  return profile[field] === true;
}

/** Compares the opt-outs of the persons that both sides know. Both ways, no rule ends with two different values. */
export function compareOptOuts(
  contacts: readonly DumpedRow[],
  profiles: readonly DumpedRow[],
  pairs: readonly OptOutPair[],
): OptOutComparison {
  const profileOf = new Map(profiles.map((profile) => [String(profile['externalId']).toLowerCase(), profile]));
  const differences: OptOutDifference[] = [];
  let onBothSides = 0;
  for (const contact of contacts) {
    const id = String(contact['contactid']);
    const profile = profileOf.get(id);
    if (!profile) continue;
    for (const pair of pairs) {
      const [here, there] = [isOptedOutInDynamics(contact, pair), isOptedOutInCampaign(profile, pair)];
      if (here !== there) differences.push({ id, column: pair.column });
      else if (here) onBothSides++;
    }
  }
  return { onBothSides, differences };
}
