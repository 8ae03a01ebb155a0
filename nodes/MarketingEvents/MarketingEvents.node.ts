import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { failExecution } from '../shared/fail-execution';
import { getTimeZones } from '../shared/time-zones';
import { processWide } from '../shared/process-wide';
import { properties } from './description';
import { makeEvents } from './make-events';
import { readSettings } from './settings';

export class MarketingEvents implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Marketing Events',
    name: 'marketingEvents',
    icon: { light: 'file:marketingEvents.svg', dark: 'file:marketingEvents.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle:
      '={{ ["sends", "opens", "clicks", "bounces"].filter((kind) => $parameter[kind] !== false).join(", ") || "none" }}',
    description:
      "Makes sends, opens, clicks and hard bounces of the rows of Adobe Campaign's delivery and tracking logs",
    defaults: { name: 'Marketing Events' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
    outputNames: ['Events', 'Left Out'],
    properties,
  };

  methods = { loadOptions: { getTimeZones } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      const { outputs, summary, isWarning } = makeEvents(this.getInputData(), readSettings(this), processWide().clock);
      this.addExecutionHints({ message: summary, location: 'outputPane', type: isWarning ? 'warning' : 'info' });
      return outputs;
    } catch (error) {
      // What is wrong with a row is its outcome; what arrives here are the settings.
      return failExecution(this, error);
    }
  }
}
