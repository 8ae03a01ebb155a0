import type { INodeProperties } from 'n8n-workflow';

/**
 * The limits of what the nodes send with a credential.
 *
 * @param inFlight the standard, the most that can be set, and what the user should know about it
 * @param perSecond what the user should know about the rate
 */
export const requestLimits = (
  inFlight: { readonly standard: number; readonly most?: number; readonly note: string },
  perSecond: string,
): INodeProperties[] => [
  {
    displayName: 'Requests in Flight',
    name: 'maxConcurrency',
    type: 'number',
    typeOptions: {
      minValue: 1,
      ...(inFlight.most === undefined ? {} : { maxValue: inFlight.most }),
      numberPrecision: 0,
    },
    default: inFlight.standard,
    description: `How many requests all nodes of one n8n process with this credential send at the same time, at most. ${inFlight.note}`,
  },
  {
    displayName: 'Requests per Second',
    name: 'maxRequestsPerSecond',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 0,
    description: `How many requests are started per second, at most; 0 for no limit. ${perSecond}`,
  },
];

/** Where n8n keeps the token that it fetches for its HTTP Request node. */
export const accessToken: INodeProperties = {
  displayName: 'Access Token',
  name: 'accessToken',
  type: 'hidden',
  typeOptions: { expirable: true, password: true },
  default: '',
};
