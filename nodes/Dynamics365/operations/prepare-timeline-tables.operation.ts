import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { carryOutTimelineSetup, planTimelineSetup } from '../../../lib/dataverse/timeline/timeline-setup';
import { EVENT_KINDS } from '../../../lib/sync/marketing-events/marketing-event';
import { readPrepareSettings } from './prepare-timeline-tables.settings';

export const prepareProperties: INodeProperties[] = [
  {
    displayName:
      'Makes activity tables for sends, opens, clicks and bounces, where the app "Adobe Campaign for Microsoft Dynamics 365" is not installed. Needs the security role System Customizer. Nothing that is there is changed.',
    name: 'prepareNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Dry Run',
    name: 'dryRun',
    type: 'boolean',
    default: true,
    description: 'Whether only to list what would be made',
  },
  {
    displayName: 'Kinds of Events',
    name: 'kinds',
    type: 'multiOptions',
    options: [
      { name: 'Bounces', value: 'bounce' },
      { name: 'Clicks', value: 'click' },
      { name: 'Opens', value: 'open' },
      { name: 'Sends', value: 'send' },
    ],
    default: ['send', 'open', 'click', 'bounce'],
    description: 'For which kinds of events a table is made',
  },
  {
    displayName: 'Prefix',
    name: 'prefix',
    type: 'string',
    default: 'new',
    required: true,
    description: "The prefix of your solution's publisher; it begins the logical names",
  },
  {
    displayName: 'Solution',
    name: 'solution',
    type: 'string',
    default: '',
    description: 'Unique name of the solution that the tables are added to. Empty: the default solution.',
  },
];

export type PrepareContext = Pick<
  IExecuteFunctions,
  'getNodeParameter' | 'getInputData' | 'getExecutionCancelSignal' | 'addExecutionHints'
>;

/** One item per table and column: what is there, what was made or, in a dry run, what would be. Runs once, however many items come in. */
export async function prepareTimelineTables(
  context: PrepareContext,
  client: DataverseClient,
): Promise<INodeExecutionData[][]> {
  const { dryRun, kinds, ...names } = readPrepareSettings(context);
  const options = {
    ...names,
    kinds: EVENT_KINDS.filter((kind) => kinds.includes(kind)),
    signal: context.getExecutionCancelSignal(),
  };
  const steps = await planTimelineSetup(client, options);
  if (!dryRun) await carryOutTimelineSetup(client, steps, options);
  const toMake = steps.filter(({ action }) => action !== 'present').length;
  context.addExecutionHints({
    message: `${toMake} tables and columns ${dryRun ? 'would be' : 'were'} made, ${steps.length - toMake} were there`,
    location: 'outputPane',
    type: 'info',
  });
  const pairedItem = context.getInputData().map((_item, item) => ({ item }));
  const json = steps.map((step) => ({ ...step, made: !dryRun && step.action !== 'present' }));
  return [json.map((each) => ({ json: each, pairedItem }))];
}
