import { contacts } from './contacts';
import type { FlowKind } from './flow';
import { optOuts } from './opt-outs';
import { timeline } from './timeline';

export const FLOWS = { contacts, 'opt-outs': optOuts, timeline } as const satisfies Record<string, FlowKind>;
export type FlowName = keyof typeof FLOWS;
export const FLOW_NAMES = Object.keys(FLOWS) as FlowName[];
