import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../sandbox/free-port';
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { startWorkflowRunner, type FlowNode, type WorkflowRun, type WorkflowRunner } from '../support/run-workflow';
import { CASES, FILES, type Case } from './on-error-cases';

/**
 * "On Error" of every node of the package that has an input, in n8n's own execution engine: a fault of a whole system fails the execution,
 * whatever is set, and nothing leaves the node; a fault of one record leaves with that record, and the others go on.
 */
jest.setTimeout(120_000);

const CONTINUE = ['continueRegularOutput', 'continueErrorOutput'] as const;
type Credentials = Record<string, Record<string, unknown>>;

let runner: WorkflowRunner;
let sandbox: SandboxHandle;
let signIn: Server;
let nodes: FlowNode[];
beforeAll(async () => {
  signIn = createServer((_request, response) => {
    response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":"invalid_client"}');
  });
  await new Promise<void>((resolve) => signIn.listen(0, '127.0.0.1', resolve));
  sandbox = await startSandbox({ contacts: 3, sftp: true });
  const folder = sandbox.sftp?.localFolder ?? '';
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(folder, file), text);
  runner = await startWorkflowRunner();
  nodes = await runner.flowNodes();
}, 900_000);
afterAll(async () => {
  await runner?.close();
  await sandbox?.close();
  signIn?.close();
});

const inFolder = (name: string) => `${sandbox.sftp?.folder}/${name}`;

let runs = 0;
function live(): Credentials {
  const { sftp } = sandbox;
  // Not the same twice: each run has clients of its own, which know nothing of the systems yet.
  const maxRequestsPerSecond = 1000 + runs++;
  return {
    dynamics365Api: { ...sandbox.dynamics365, maxConcurrency: 4, maxRequestsPerSecond },
    adobeCampaignApi: { ...sandbox.adobeCampaign, maxConcurrency: 4, maxRequestsPerSecond },
    campaignSftpApi: { ...sftp, authentication: 'privateKey' },
  };
}

/** Credentials with which one system can't be reached, or refuses the sign-in. */
async function broken(credential: string, how: 'outage' | 'sign-in'): Promise<Credentials> {
  const port = how === 'outage' ? await freePort() : (signIn.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${port}`;
  const changed: Record<string, Record<string, unknown>> = {
    dynamics365Api: how === 'outage' ? { url, loginUrl: url } : { loginUrl: url },
    adobeCampaignApi: how === 'outage' ? { apiUrl: url, imsUrl: url } : { imsUrl: url },
    campaignSftpApi: how === 'outage' ? { port } : { user: 'somebody else' },
  };
  const all = live();
  return { ...all, [credential]: { ...all[credential], ...changed[credential] } };
}

async function contacts(): Promise<string[]> {
  const response = await fetch(`${sandbox.controlUrl}/dump?system=dataverse&table=contact`);
  return ((await response.json()) as { contactid: string }[]).map(({ contactid }) => contactid);
}

async function run(
  name: string,
  onError: (typeof CONTINUE)[number],
  more: { credentials?: Credentials; defectIn?: string; items?: Record<string, unknown>[]; node?: object } = {},
): Promise<WorkflowRun> {
  const { parameters, items } = CASES[name] as Case;
  const given = more.items ?? items({ contacts: await contacts(), folder: sandbox.sftp?.folder ?? '' });
  return await runner.run(flow(name, parameters, { onError, ...more.node }), {
    credentials: live(),
    ...more,
    items: given,
  });
}

function flow(name: string, parameters: Record<string, unknown>, more: object): WorkflowJson {
  const { type, credentials } = nodes.find((node) => node.name === name) as FlowNode;
  const make = (named: string, its: string, values: Record<string, unknown> = {}): WorkflowNode => ({
    id: named,
    name: named,
    type: its,
    typeVersion: 1,
    position: [0, 0],
    parameters: values,
  });
  const examined = {
    ...make(name, type, parameters),
    credentials: Object.fromEntries(credentials.map((each) => [each, { id: each, name: each }])),
    ...more,
  };
  return {
    name,
    nodes: [make('Start', 'n8n-nodes-base.manualTrigger'), examined, make('After', 'n8n-nodes-base.noOp')],
    connections: {
      Start: { main: [[{ node: name, type: 'main', index: 0 }]] },
      // More than any node has, with the error output.
      [name]: { main: Array.from({ length: 6 }, () => [{ node: 'After', type: 'main', index: 0 }]) },
    },
  };
}

/** The node failed, the execution with it, and nothing left through any output. */
function expectFailed(run: WorkflowRun, name: string, message: RegExp): void {
  expect(run).toMatchObject({ status: 'error', lastNode: name });
  expect(run.error?.message).toMatch(message);
  expect(run.nodes[name]?.flatMap(({ outputs }) => outputs.flat())).toEqual([]);
  expect(run.nodes['After']).toBeUndefined();
}

const names = Object.keys(CASES);
const both = names.flatMap((name) => CONTINUE.map((onError) => [name, onError] as const));

it('has a case for every node of the package that has an input', () => {
  const cases = names.map((name) => {
    const { uses, besides = [] } = CASES[name] as Case;
    return { name, credentials: [...uses, ...besides].sort() };
  });
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  const found = nodes.map(({ name, credentials }) => ({ name, credentials: [...credentials].sort() }));
  expect(found.sort(byName)).toEqual(cases.sort(byName));
});

describe.each(both)('%s with "On Error" set to %s', (name, onError) => {
  for (const credential of CASES[name]?.uses ?? []) {
    it(`fails the execution when the system of ${credential} is out of reach`, async () => {
      const failed = await run(name, onError, { credentials: await broken(credential, 'outage') });
      expectFailed(failed, name, /ECONNREFUSED/);
    });

    it(`fails the execution when the system of ${credential} refuses the sign-in`, async () => {
      const failed = await run(name, onError, { credentials: await broken(credential, 'sign-in') });
      expectFailed(failed, name, /refused the sign-in|does not accept the login/);
    });
  }

  it('fails the execution when the node has a defect', async () => {
    expectFailed(await run(name, onError, { defectIn: name }), name, /undefined is not a function/);
  });

  it('fails the execution again when n8n retries it', async () => {
    const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
    expectFailed(await run(name, onError, { defectIn: name, node }), name, /undefined is not a function/);
  });

  it('lets a bad record leave with its outcome, and the others go on', async () => {
    const ended = await run(name, onError);
    expect(ended.error).toBeUndefined();
    expect(ended.status).toBe('success');
    const leaves = ended.nodes[name]?.[0]?.outputs.map((output) =>
      output.map(({ json }) => {
        const { status, code } = (json['outcome'] ?? {}) as { status?: string; code?: string };
        return status === 'rejected' ? code : 'good';
      }),
    );
    expect(leaves?.slice(0, CASES[name]?.leaves.length)).toEqual(CASES[name]?.leaves);
    expect(leaves?.slice(CASES[name]?.leaves.length).flat()).toEqual([]);
  });
});

describe.each(CONTINUE)('the SFTP Export Reader with "On Error" set to %s', (onError) => {
  it.each([
    ['torn', 'torn.txt', /cut off/],
    ['missing', 'absent.txt', /no such file/],
  ])('gives the error of a file that is %s, and reads the next', async (_what, file, message) => {
    const items = [{ path: inFolder(file) }, { path: inFolder('good.txt') }];
    const ended = await run('SFTP Export Reader', onError, { items });
    expect(ended.status).toBe('success');
    const [rows = [], errors = []] = ended.nodes['SFTP Export Reader']?.[0]?.outputs ?? [];
    const told = (given: typeof rows) => given.map(({ json }) => json['error'] ?? json['externalId']);
    const error = expect.stringMatching(message) as string;
    if (onError === 'continueErrorOutput') expect([told(rows), told(errors)]).toEqual([['A'], [error]]);
    else expect(told(rows)).toEqual([error, 'A']);
  });

  it('fails the execution for settings that are wrong', async () => {
    const node = { parameters: { ...CASES['SFTP Export Reader']?.parameters, timeZone: 'Mars' } };
    expectFailed(await run('SFTP Export Reader', onError, { node }), 'SFTP Export Reader', /is no time zone/);
  });
});

describe.each(CONTINUE)('the Opt-Out Resolver with "On Error" set to %s', (onError) => {
  it('gives nobody out when Campaign fails after some profiles were found', async () => {
    const fault = { target: 'campaign', kind: 'status', status: 503, rate: 1 };
    const match = { method: 'GET', path: `/profileAndServicesExt/profile/${(await contacts())[2]}` };
    await fetch(`${sandbox.controlUrl}/faults`, { method: 'POST', body: JSON.stringify({ ...fault, match }) });
    try {
      expectFailed(await run('Opt-Out Resolver', onError), 'Opt-Out Resolver', /503|out of order|fails/);
    } finally {
      await fetch(`${sandbox.controlUrl}/faults`, { method: 'DELETE' });
    }
  });
});
