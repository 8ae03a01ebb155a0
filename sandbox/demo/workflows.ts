import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../n8n-host/folders';
import type { WorkflowJson, WorkflowNode } from '../n8n-host/rest';

/** The shipped templates, with what a user would set for the demo. */
export interface DemoWorkflows {
  readonly sync: WorkflowJson;
  readonly retry: WorkflowJson;
  readonly optOuts: WorkflowJson;
  readonly timeline: WorkflowJson;
}

/** Nobody who watches a demo waits for 15 minutes, or for a file to lie still for one. */
const RETRY_SECONDS = 5;
const EXPORT_SECONDS = 1;

/** @throws Error when a template has no node of the kind that is to be set */
export async function demoWorkflows(): Promise<DemoWorkflows> {
  const [sync, retry, optOuts, timeline] = (await Promise.all(
    ['dynamics-to-campaign', 'retry-rejected', 'opt-in-out', 'campaign-to-dynamics'].map(template),
  )) as [WorkflowJson, WorkflowJson, WorkflowJson, WorkflowJson];
  for (const { parameters } of nodesOf(optOuts, 'optOutResolver')) parameters['direction'] = 'bidirectional';
  for (const workflow of [optOuts, timeline]) {
    for (const { parameters } of nodesOf(workflow, 'sftpExportTrigger')) {
      const options = parameters['options'] as object;
      parameters['options'] = { ...options, stableSeconds: EXPORT_SECONDS, pollSeconds: EXPORT_SECONDS };
    }
  }
  for (const workflow of [optOuts, retry]) {
    for (const { parameters } of nodesOf(workflow, 'scheduleTrigger')) {
      parameters['rule'] = { interval: [{ field: 'seconds', secondsInterval: RETRY_SECONDS }] };
    }
  }
  return { sync, retry, optOuts, timeline };
}

/** Tells the retries through which workflow records go again, as a user does by choosing it. */
export function runThrough(retry: WorkflowJson, workflowId: string): void {
  for (const { parameters } of nodesOf(retry, 'executeWorkflow')) {
    parameters['workflowId'] = { __rl: true, mode: 'list', value: workflowId };
  }
}

async function template(name: string): Promise<WorkflowJson> {
  return JSON.parse(await readFile(join(projectRoot, 'templates', `${name}.json`), 'utf8')) as WorkflowJson;
}

function nodesOf(workflow: WorkflowJson, type: string): WorkflowNode[] {
  const nodes = workflow.nodes.filter((node) => node.type.endsWith(`.${type}`));
  if (!nodes.length) throw new Error(`The template "${workflow.name}" has no node of the type ${type}.`);
  return nodes;
}
