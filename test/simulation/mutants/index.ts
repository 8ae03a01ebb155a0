import { campaign } from './campaign';
import { delivery } from './delivery';
import { feed } from './feed';
import type { Mutant } from './mutant';
import { optOutRules } from './opt-out-rules';
import { optOuts } from './opt-outs';
import { requests } from './requests';
import { timeline } from './timeline';

/** All deliberate faults, in the order in which the table of docs/delivery-guarantees.md has them. */
export const MUTANTS: readonly Mutant[] = [
  ...delivery,
  ...feed,
  ...requests,
  ...campaign,
  ...optOutRules,
  ...optOuts,
  ...timeline,
];
