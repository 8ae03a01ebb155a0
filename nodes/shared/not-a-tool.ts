/**
 * For `usableAsTool` of a node that writes or deletes: an AI agent is offered no such node, not even when somebody
 * connects it unasked. n8n's linter wants the property declared, its type knows no value but `true`, and n8n takes every
 * node for a tool where it is set at all (docs/facts/n8n.md, "The panel").
 */
export const NOT_A_TOOL = undefined as unknown as true;
