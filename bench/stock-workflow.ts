import type { WorkflowJson, WorkflowNode } from '../sandbox/n8n-host/rest';
import type { SandboxConnection } from '../sandbox/start';
import { LATENCY_MS } from './systems';

/** Rows per page, as the template's batches. */
const PAGE = 500;

const COLUMNS: Readonly<Record<string, string>> = {
  firstname: 'firstName',
  middlename: 'middleName',
  lastname: 'lastName',
  salutation: 'salutation',
  emailaddress1: 'email',
  telephone1: 'phone',
  mobilephone: 'mobilePhone',
  fax: 'fax',
  birthdate: 'birthDate',
  address1_line1: 'location.address1',
  address1_line2: 'location.address2',
  address1_line3: 'location.address3',
  address1_city: 'location.city',
  address1_postalcode: 'location.zipCode',
};

/**
 * What a user would build without our nodes: pages of contacts, one item each, a filter, the mapping, a look-up, and a create where
 * there was none. n8n's HTTP Request limits calls by time: so many, then a pause, then as many again.
 */
export function stockWorkflow(
  { dynamics365, adobeCampaign }: SandboxConnection,
  { profiles, inFlight }: { readonly profiles: number; readonly inFlight: number },
): WorkflowJson {
  const select = ['contactid', 'gendercode', 'statecode', ...Object.keys(COLUMNS)].join(',');
  const campaign = `${adobeCampaign.apiUrl}/${adobeCampaign.tenant}/campaign/profileAndServicesExt/profile`;
  const batching = { batch: { batchSize: inFlight, batchInterval: LATENCY_MS } };
  const apiKey = { name: 'X-Api-Key', value: adobeCampaign.clientId };
  return chain('Stock nodes', [
    node('Start', 'webhook', 2, { path: 'bench', httpMethod: 'GET', responseMode: 'onReceived', options: {} }, 'start'),
    http('Contacts', 'Dynamics', `${dynamics365.url}/api/data/v9.2/contacts?$select=${select}`, {
      ...headers([{ name: 'Prefer', value: `odata.maxpagesize=${PAGE}` }]),
      options: {
        pagination: {
          pagination: {
            paginationMode: 'responseContainsNextURL',
            nextURL: '={{ $response.body["@odata.nextLink"] }}',
            paginationCompleteWhen: 'other',
            completeExpression: '={{ !$response.body["@odata.nextLink"] }}',
            limitPagesFetched: true,
            maxRequests: Math.ceil(profiles / PAGE),
          },
        },
      },
    }),
    node('One by One', 'splitOut', 1, { fieldToSplitOut: 'value', options: {} }),
    filter('Known by Key', '={{ $json.contactid }}', '', { type: 'string', operation: 'notEmpty', singleValue: true }),
    node('Map', 'set', 3.4, {
      mode: 'manual',
      includeOtherFields: false,
      options: { dotNotation: true },
      assignments: {
        assignments: [
          assignment('externalId', '={{ $json.contactid }}'),
          assignment('gender', '={{ ({ 1: "male", 2: "female" })[$json.gendercode] ?? "unknown" }}'),
          ...Object.entries(COLUMNS).map(([column, field]) => assignment(field, `={{ $json.${column} ?? "" }}`)),
        ],
      },
    }),
    http('Look Up', 'Campaign', `=${campaign}/{{ $json.externalId }}`, {
      ...headers([apiKey]),
      options: { batching, response: { response: { fullResponse: true, neverError: true, responseFormat: 'json' } } },
    }),
    filter('Not There', '={{ $json.statusCode }}', 404, { type: 'number', operation: 'equals' }),
    http('Create', 'Campaign', campaign, {
      ...headers([apiKey]),
      method: 'POST',
      sendBody: true,
      specifyBody: 'json',
      jsonBody:
        '={{ JSON.stringify(Object.fromEntries(Object.entries($("Map").item.json).filter(([, value]) => value !== ""))) }}',
      options: { batching },
    }),
  ]);
}

/** A workflow of nodes one after the other. */
export function chain(name: string, nodes: readonly WorkflowNode[]): WorkflowJson {
  const connections = Object.fromEntries(
    nodes
      .slice(1)
      .map((next, index) => [nodes[index]?.name ?? '', { main: [[{ node: next.name, type: 'main', index: 0 }]] }]),
  );
  const settings = { executionOrder: 'v1', saveDataSuccessExecution: 'none', saveDataErrorExecution: 'all' };
  return { name, nodes: [...nodes], connections, settings };
}

/** One of n8n's own nodes. */
export function node(
  name: string,
  type: string,
  typeVersion: number,
  parameters: Record<string, unknown>,
  webhookId?: string,
): WorkflowNode {
  return {
    id: name,
    name,
    type: `n8n-nodes-base.${type}`,
    typeVersion,
    position: [0, 0],
    parameters,
    ...(webhookId === undefined ? {} : { webhookId }),
  };
}

/** n8n's Filter node with one condition. */
export function filter(
  name: string,
  leftValue: string,
  rightValue: string | number,
  operator: Readonly<Record<string, unknown>>,
): WorkflowNode {
  return node(name, 'filter', 2.2, {
    conditions: {
      options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
      combinator: 'and',
      conditions: [{ id: name, leftValue, rightValue, operator }],
    },
    options: {},
  });
}

function http(name: string, credential: string, url: string, parameters: Record<string, unknown>): WorkflowNode {
  return {
    ...node(name, 'httpRequest', 4.2, {
      url,
      authentication: 'genericCredentialType',
      genericAuthType: 'httpHeaderAuth',
      ...parameters,
    }),
    credentials: { httpHeaderAuth: { id: null, name: credential } },
  };
}

function headers(parameters: readonly { name: string; value: string }[]): Record<string, unknown> {
  return { sendHeaders: true, headerParameters: { parameters } };
}

function assignment(name: string, value: string): Record<string, string> {
  return { id: name, name, value, type: 'string' };
}
