import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

export const IN_BATCHES = {
  name: 'In Batches',
  value: 'batch',
  description: 'Several rows in one $batch request, each for itself',
};

export const sendMethod = (options: INodePropertyOptions[], standard: string): INodeProperties => ({
  displayName: 'Send',
  name: 'method',
  type: 'options',
  options,
  default: standard,
  description: 'How writes travel. The number of requests in flight is a setting of the credential.',
});

/** How writes travel and what they set off; shared by all writing operations. */
export const sendOptions: INodeProperties[] = [
  {
    displayName: 'Bypass Flows',
    name: 'bypassFlows',
    type: 'boolean',
    default: false,
    description: 'Whether Power Automate flows do not start for these writes',
  },
  {
    displayName: 'Bypass Plug-Ins',
    name: 'bypassPlugIns',
    type: 'boolean',
    default: false,
    description:
      'Whether custom synchronous plug-ins and real-time workflows do not run for these writes. The application user needs the privilege prvBypassCustomPlugins.',
  },
  {
    displayName: 'Detect Duplicates',
    name: 'detectDuplicates',
    type: 'boolean',
    default: false,
    description: 'Whether the duplicate detection rules of Dynamics 365 may refuse a write',
  },
  {
    displayName: 'Mark',
    name: 'tag',
    type: 'string',
    default: '',
    placeholder: 'e.g. campaign-sync',
    description:
      'A mark that plug-ins of Dynamics 365 see with these writes, so that they can tell them from those of a person',
  },
  {
    displayName: 'Rows per Batch',
    name: 'batchSize',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
    default: 10,
    displayOptions: { show: { method: ['batch'] } },
    description: 'How many writes one $batch request holds. Microsoft advises to begin with 10.',
  },
  sendMethod(
    [
      { name: 'Each Row on Its Own', value: 'single', description: 'Several at once; what Microsoft recommends' },
      IN_BATCHES,
    ],
    'single',
  ),
];
