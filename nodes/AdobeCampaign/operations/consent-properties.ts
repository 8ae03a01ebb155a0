import type { INodeProperties } from 'n8n-workflow';

const onlyApply = { show: { '/operation': ['apply'] } };

/** What keeps people from being contacted who opted out: options of the operations that write. */
export const consentProperties: INodeProperties[] = [
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    displayOptions: { show: { operation: ['apply', 'upsert'] } },
    options: [
      {
        displayName: 'External IDs in Other Forms',
        name: 'otherKeyForms',
        type: 'options',
        options: [
          {
            name: 'Do Not Look',
            value: 'ignore',
            description: 'For an Adobe Campaign whose external IDs are known to be in lower case throughout',
          },
          {
            name: 'Look For Them',
            value: 'look',
            description:
              'Costs five more look-ups for each profile that is made; none for a load into an empty Adobe Campaign',
          },
        ],
        default: 'look',
        description:
          'Whether to look for a profile with the same GUID in upper case, in braces or with a blank before one is made. Where there is one the record is rejected, instead of getting a second profile without the opt-outs of the first.',
      },
      {
        displayName: 'Profiles That Opted Out',
        name: 'optedOutProfiles',
        type: 'options',
        displayOptions: onlyApply,
        options: [
          {
            name: 'Delete',
            value: 'delete',
            description: 'With their opt-outs: a new profile of this person has none',
          },
          {
            name: 'Reject',
            value: 'reject',
            description: 'They stay in Adobe Campaign, opted out, until somebody deletes them',
          },
          {
            name: 'Remember',
            value: 'remember',
            description:
              'Their items leave through Waiting with outcome.optOuts; keep these with the ID, and lead the items back into this node',
          },
        ],
        default: 'reject',
        description: 'What becomes of a profile that is to be deleted and has an opt-out',
      },
      {
        displayName: 'Remembered Opt-Outs',
        name: 'rememberedOptOuts',
        type: 'json',
        displayOptions: onlyApply,
        default: '',
        description:
          'A list of rows with recordId (the key) and optOuts (names of fields, separated by commas), as a Data table keeps them. A new profile with such a key starts with these opt-outs, whatever Dynamics 365 says.',
      },
    ],
  },
];
