import type { N8nHandle } from '../n8n-host/start-n8n';
import type { OptOutPair } from '../oracles/opt-outs';
import type { DemoWorkflows } from './workflows';

const CHANNELS: Readonly<Record<string, string>> = {
  blackListEmail: 'e-mail',
  blackListPhone: 'telephone calls',
  blackListFax: 'fax',
  blackListPostalMail: 'letters',
};

/** What a person opts out of. */
export function channelOf({ field }: OptOutPair): string {
  return CHANNELS[field] ?? field;
}

export function welcome({ url, owner }: N8nHandle, workflows: DemoWorkflows): string {
  const about: readonly (readonly [keyof DemoWorkflows, string])[] = [
    ['sync', 'contacts become profiles'],
    ['optOuts', 'opt-outs travel both ways'],
    ['timeline', 'e-mail events come onto timelines'],
    ['retry', 'what was rejected is tried again'],
  ];
  const width = Math.max(...about.map(([workflow]) => workflows[workflow].name.length));
  return `
  n8n is ready: ${url}
  Log in with   ${owner.email}
  Password      ${owner.password}

${about.map(([workflow, what]) => `  ${workflows[workflow].name.padEnd(width)}   ${what}`).join('\n')}

  Open a workflow to see its nodes and settings; its tab "Executions" shows the runs that failed. "Data tables" on the
  overview page holds the rejected records and the decisions about opt-outs.
`;
}

/** @param contactId of whom there is something to see */
export function howToLook(controlUrl: string, contactId: string | null): string {
  if (!contactId) return `Timelines: curl -s '${controlUrl}/timeline'`;
  return `
Look at timelines in a browser, or from another terminal:
  one contact's          curl -s '${controlUrl}/timeline?contact=${contactId}'
  who has most on it     curl -s '${controlUrl}/timeline'
`;
}
