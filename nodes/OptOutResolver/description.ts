import type { INodeProperties } from 'n8n-workflow';
import { OPT_OUT_FIELDS } from '../../lib/core/opt-out-fields';
import { CHOOSE_ID, filterProperties } from '../shared/flow-properties';

/** The fixed set of Campaign's fields, labelled as Adobe shows them. */
const fieldOptions = Object.entries(OPT_OUT_FIELDS).map(([value, { label }]) => ({
  name: `${label} (${value})`,
  value,
}));

const mappingLine: INodeProperties[] = [
  {
    displayName: 'Column Name or ID',
    name: 'column',
    type: 'options',
    typeOptions: { loadOptionsMethod: 'getOptOutColumns' },
    default: '',
    required: true,
    description: `A boolean column of contact. ${CHOOSE_ID} Each column can be mapped once.`,
  },
  {
    displayName: 'Campaign Field',
    name: 'field',
    type: 'options',
    options: fieldOptions,
    default: 'blackListEmail',
    required: true,
    description:
      'One of the opt-out fields of a profile; the set is fixed. Several columns may stand for one field: any of them opts out.',
  },
  {
    displayName: 'Inverted',
    name: 'inverted',
    type: 'boolean',
    default: false,
    description:
      'Whether true in the column means that the person MAY be contacted, as in followemail. Off for all "Do not ..." columns, donotsendmm too.',
  },
];

/** The node's panel. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Direction',
    name: 'direction',
    type: 'options',
    options: [
      {
        name: 'Bidirectional',
        value: 'bidirectional',
        description: 'The newer or the safer value goes to the other side',
      },
      { name: 'Disabled', value: 'disabled', description: 'Nothing is written anywhere' },
      {
        name: 'Unidirectional (Campaign to Dynamics 365)',
        value: 'campaignToDynamics',
        description: 'Campaign decides; its changes overwrite Dynamics 365',
      },
      {
        name: 'Unidirectional (Dynamics 365 to Campaign)',
        value: 'dynamicsToCampaign',
        description: 'Dynamics 365 decides; its changes overwrite Campaign, opt-outs too',
      },
    ],
    default: 'disabled',
    description: 'Which way opt-ins and opt-outs travel',
  },
  {
    displayName:
      'If Campaign\'s change is newer, its value wins. If Dynamics 365 is newer or equal, the opt-out wins. So a person who opted out is opted in again in Campaign: an opt-in made in Dynamics 365 alone does not hold. <a href="https://github.com/n8n-nodes-dynamics-campaign/n8n-nodes-dynamics-campaign/blob/main/docs/opt-out-rules.md" target="_blank">All rules</a>',
    name: 'bidirectionalNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { direction: ['bidirectional'] } },
  },
  {
    displayName:
      'An opt-out that was made in Campaign alone is undone when the contact changes in Dynamics 365. Choose this only where people cannot opt out in Campaign.',
    name: 'toCampaignNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { direction: ['dynamicsToCampaign'] } },
  },
  {
    displayName: 'Mapping',
    name: 'mapping',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add line',
    default: {},
    description: 'Which column and which field say the same',
    options: [{ displayName: 'Line', name: 'lines', values: mappingLine }],
  },
  {
    displayName: 'Look Up Profiles By',
    name: 'lookup',
    type: 'options',
    options: [
      {
        name: 'Filter',
        value: 'filter',
        description: 'A custom filter of the resource, published for the API, finds the profile',
      },
      {
        name: 'Key in the URL',
        value: 'key',
        description: 'The external ID is the custom key of the resource. Needs no preparation in Adobe Campaign.',
      },
    ],
    default: 'key',
    description: 'How the profile of a contact is found; the same as in the Adobe Campaign node',
  },
  ...filterProperties('the external ID'),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Attribute Times From the Audit Log',
        name: 'attributeTimes',
        type: 'boolean',
        default: false,
        description:
          "Whether to take the time of the column's own last change instead of the contact's. Turn it on only where auditing is on for the mapped columns all the time; the application user must be allowed to read the audit log. It is read only where the time decides.",
      },
      {
        displayName: 'Clock Tolerance (Minutes)',
        name: 'futureTolerance',
        type: 'number',
        typeOptions: { minValue: 0, maxValue: 1440 },
        default: 5,
        description: 'A time further ahead than this counts as wrong, and cannot prove an opt-in',
      },
      {
        displayName: 'Contact Without Profile',
        name: 'withoutProfile',
        type: 'options',
        options: [
          {
            name: 'Nothing To Do',
            value: 'nothing',
            description: 'For contacts that are kept out of Campaign on purpose',
          },
          { name: 'Rejected', value: 'reject', description: 'Kept, to be tried again when the profile is there' },
        ],
        default: 'reject',
        description: 'Where an opted-out contact goes that has no profile in Campaign yet',
      },
      {
        displayName: 'External ID Column',
        name: 'keyColumn',
        type: 'string',
        default: 'externalId',
        description: "The column of an export row that holds the contact's ID",
      },
      {
        displayName: 'External ID Field',
        name: 'keyField',
        type: 'string',
        default: 'externalId',
        description: "The profile's field that holds the contact's ID",
      },
      {
        displayName: 'Time of "No Longer Contact (by Any Channel)"',
        name: 'blackListTimeField',
        type: 'options',
        options: [
          { name: 'blackListAllLastModified', value: 'blackListAllLastModified' },
          { name: 'blackListLastModified', value: 'blackListLastModified' },
          {
            name: 'lastModified',
            value: 'lastModified',
            description: 'The time of the whole profile: only opt-outs travel then, no opt-ins',
          },
        ],
        default: 'blackListLastModified',
        description:
          'The field with the time at which blackList was changed last; look which of them your Campaign fills',
      },
    ],
  },
];
