import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../sandbox/n8n-host/folders';
import type { WorkflowJson } from '../../sandbox/n8n-host/rest';
import { startN8n, type N8nHandle } from '../../sandbox/n8n-host/start-n8n';

jest.setTimeout(900_000);

const TICKING: WorkflowJson = {
  name: 'Ticking',
  nodes: [
    {
      id: '1',
      name: 'Every second',
      type: 'n8n-nodes-base.scheduleTrigger',
      typeVersion: 1.2,
      position: [0, 0],
      parameters: { rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } },
    },
    {
      id: '2',
      name: 'Say',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: [200, 0],
      parameters: { assignments: { assignments: [{ id: '1', name: 'word', type: 'string', value: '={{ 1 + 1 }}' }] } },
    },
  ],
  connections: { 'Every second': { main: [[{ node: 'Say', type: 'main', index: 0 }]] } },
  settings: { executionOrder: 'v1' },
};

describe('a real n8n for tests', () => {
  let n8n: N8nHandle;
  beforeAll(async () => {
    n8n = await startN8n({
      withPackage: false,
      workflows: [{ workflow: TICKING }],
      credentials: [{ name: 'Header', type: 'httpHeaderAuth', data: { name: 'x', value: 'y' } }],
    });
  });
  afterAll(async () => await n8n?.close());

  const finished = async () => await n8n.rest.executions({ status: ['success'] });

  it('runs the workflows that it was given and shows what their nodes put out', async () => {
    const [execution] = await n8n.rest.waitFor('an execution', async () => {
      const executions = await finished();
      return executions.length > 0 && executions;
    });

    const { data } = await n8n.rest.execution(execution?.id ?? '');

    expect(JSON.stringify(data.resultData?.runData?.['Say'])).toContain('"word":"2"');
  });

  it('goes on where it was after a SIGKILL and a restart', async () => {
    await n8n.kill();
    expect(n8n.running).toBe(false);
    await n8n.restart();
    const before = (await finished()).length;

    await n8n.rest.waitFor('another execution', async () => (await finished()).length > before);

    expect(before).toBeGreaterThan(0);
    expect(await n8n.rest.credentials()).toMatchObject([{ name: 'Header', type: 'httpHeaderAuth' }]);
  });

  it('tells n8n to stop without being asked twice', async () => {
    await n8n.stop();

    expect(n8n.running).toBe(false);
  });

  it('removes its folder when it is closed', async () => {
    await n8n.close();

    expect(existsSync(n8n.userFolder)).toBe(false);
  });
});

describe('an n8n whose starter is gone', () => {
  it('ends and removes its folder, even after a SIGKILL of the starter', async () => {
    const script = `
      const { startN8n } = require(${JSON.stringify(join(projectRoot, 'sandbox/n8n-host/start-n8n.ts'))});
      startN8n({ withPackage: false }).then(({ pid, userFolder }) => console.log(JSON.stringify({ pid, userFolder })));
    `;
    const starter = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      starter.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      starter.once('exit', () => reject(new Error('The starter ended early.')));
    });
    const { pid, userFolder } = JSON.parse(line) as { pid: number; userFolder: string };
    expect(existsSync(userFolder)).toBe(true);

    starter.kill('SIGKILL');

    await eventually(() => !groupIsAlive(pid) && !existsSync(userFolder));
  });
});

/** Whether a process of the group runs; one that has ended and waits for its parent to notice does not. */
function groupIsAlive(group: number): boolean {
  const states = execFileSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  return states
    .map((line) => line.trim().split(/\s+/))
    .some(([id, state]) => Number(id) === group && !state?.startsWith('Z'));
}

async function eventually(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round > 200) throw new Error('It did not happen within 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
