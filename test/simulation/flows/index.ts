import { contacts } from './contacts';
import type { FlowKind } from './flow';

export const FLOWS = { contacts } as const satisfies Record<string, FlowKind>;
export type FlowName = keyof typeof FLOWS;
export const FLOW_NAMES = Object.keys(FLOWS) as FlowName[];
