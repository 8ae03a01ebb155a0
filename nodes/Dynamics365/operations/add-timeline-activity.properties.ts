import type { INodeProperties } from 'n8n-workflow';
import { IN_BATCHES, sendMethod, sendOptions } from './send.properties';

const DOCS = 'https://github.com/n8n-nodes-dynamics-campaign/n8n-nodes-dynamics-campaign/blob/main/docs/timeline.md';

const byHand = (displayName: string, name: string, description: string): INodeProperties => ({
  displayName,
  name,
  type: 'string',
  default: '',
  description,
});
const COLUMN = 'Logical name of the column; - leaves it out. Empty: found by its display name.';

/** The panel of Add Timeline Activity. */
export const timelineProperties: INodeProperties[] = [
  {
    displayName: `For items of the Marketing Events node. Each event becomes one activity on its contact's timeline, however often its export is read. The tables of the app "Adobe Campaign for Microsoft Dynamics 365" are found by their display names. <a href="${DOCS}" target="_blank">More</a>`,
    name: 'timelineNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Tables and Columns Set by Hand',
    name: 'overrides',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    placeholder: 'Set names for a kind of event',
    default: {},
    description: 'Only where the display names of your tables or columns are others than those of the app',
    options: [
      {
        displayName: 'Kind of Event',
        name: 'table',
        values: [
          {
            displayName: 'Kind',
            name: 'kind',
            type: 'options',
            options: [
              { name: 'Bounce', value: 'bounce' },
              { name: 'Click', value: 'click' },
              { name: 'Open', value: 'open' },
              { name: 'Send', value: 'send' },
            ],
            default: 'send',
            description: 'The kind of event whose names are set',
          },
          byHand('Table', 'table', 'Logical name of the activity table. Empty: found by its display name.'),
          byHand('Campaign Name Column', 'campaignName', COLUMN),
          byHand('Date Column', 'date', COLUMN),
          byHand('Delivery Name Column', 'deliveryName', COLUMN),
          byHand('Mirror Page URL Column', 'mirrorPageUrl', COLUMN),
          byHand('Tracking URL Column', 'trackingUrl', COLUMN),
        ],
      },
    ],
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      ...sendOptions.filter(({ name }) => name !== 'method'),
      {
        displayName: 'Campaign Instance',
        name: 'instance',
        type: 'string',
        default: '',
        description:
          'Any name, only where several Campaign instances write into one organization: their logs have the same IDs. It is part of what makes an event the same one, so do not change it later.',
      },
      {
        displayName: 'Owner ID',
        name: 'owner',
        type: 'string',
        default: '',
        description: 'The ID of the user or team that owns the activities. Empty: the application user.',
      },
      {
        displayName: 'Owner Is a',
        name: 'ownerType',
        type: 'options',
        options: [
          { name: 'Team', value: 'team' },
          { name: 'User', value: 'systemuser' },
        ],
        default: 'systemuser',
        description: 'Whether the owner is a user or a team',
      },
      {
        displayName: 'Rows at Once',
        name: 'rowsAtOnce',
        type: 'number',
        typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
        default: 100,
        description:
          'How many activities are created in one CreateMultiple request. Microsoft advises to begin with 100.',
      },
      sendMethod(
        [
          {
            name: 'Automatic',
            value: 'auto',
            description: 'Many rows at once where the table has CreateMultiple, else each row on its own',
          },
          { name: 'Each Row on Its Own', value: 'single', description: 'Several requests at once' },
          IN_BATCHES,
        ],
        'auto',
      ),
    ],
  },
];
