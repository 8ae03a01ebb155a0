import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxControl } from '../../sandbox/control-client';
import { projectRoot } from '../../sandbox/n8n-host/folders';
import { startSandbox } from '../../sandbox/start';

jest.setTimeout(900_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('npm run demo', () => {
  /** The system's folder for temporary files, for this demo alone. */
  let temporary: string;
  beforeEach(() => (temporary = mkdtempSync(join(tmpdir(), 'demo-test-'))));
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));

  const leftBehind = () => readdirSync(temporary).filter((name) => /^(n8n|campaign)-/.test(name));
  const start = (...options: string[]) => run('npm', 'run', '--silent', 'demo', '--', ...options);
  const run = (command: string, ...args: string[]) =>
    spawn(command, args, {
      cwd: projectRoot,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });

  it('--once --json ends by itself with a result that says all of it arrived, and leaves nothing', async () => {
    const { code, stdout, stderr } = await endOf(start('--once', '--json', '--contacts', '60', '--seed', '7'));

    expect({ code, stderr: code ? stderr : '' }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ ok: true, differences: [], backlog: 0, rejected: 0, runsFailed: 0 });
    expect(result['contacts']).toBe(60 + 25 - 6);
    expect(result['profiles']).toBe(result['contacts']);
    expect(result['comparedFields']).toBeGreaterThanOrEqual(10);

    expect(result['optOuts']).toEqual([
      expect.objectContaining({
        from: 'campaign',
        channel: 'e-mail',
        rule: expect.stringMatching(/OPT_OUT/) as string,
      }),
      expect.objectContaining({ from: 'dynamics', rule: expect.stringMatching(/OPT_OUT/) as string }),
    ]);
    const [inCampaign, inDynamics] = result['optOuts'] as { contactId: string; words: string }[];
    expect(inCampaign?.words).toContain('donotemail in Dynamics 365 becomes true');
    expect(inDynamics?.words).toContain('blackListPhone in Campaign becomes true');
    expect(inDynamics?.contactId).not.toBe(inCampaign?.contactId);
    expect(result['optOutDifferences']).toEqual([]);

    const told = await sameCampaign(60, 7);
    expect(result['campaign']).toMatchObject({ messages: told.messages, leftOut: told.leftOut, sentToOptedOut: 0 });
    const arrived = (count: number) => ({ expected: count, arrived: count });
    expect(result['timeline']).toEqual({
      send: arrived(told.sends),
      open: arrived(told.opens),
      click: arrived(told.clicks),
      bounce: arrived(told.bounces),
    });
    expect(told.sends).toBeGreaterThan(40);
    expect(result['timelineDifferences']).toEqual([]);
    expect(leftBehind()).toEqual([]);
  });

  it('goes on until Ctrl-C, and then leaves nothing running and no folder', async () => {
    // Without npm, whose shell has an exit code of its own after Ctrl-C.
    const demo = run('node', 'scripts/node24.mjs', '--import', 'tsx', 'sandbox/demo/main.ts', '--contacts', '20');
    const ended = endOf(demo);
    const [url, timeline] = await Promise.all([
      lineOf(demo, /n8n is ready: (\S+)/),
      // The command that the demo gives works as it stands.
      lineOf(demo, /curl -s '([^']+\?contact=[^']+)'/),
      lineOf(demo, /Ctrl-C ends it/),
    ]);
    expect(await (await fetch(timeline)).text()).toMatch(/^Timeline of .* activities, times in UTC\n\n.* {2}Send {2}/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);

    process.kill(-(demo.pid ?? 0), 'SIGINT'); // as a terminal does it: to every process of the group

    expect((await ended).code).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(leftBehind()).toEqual([]);
  });

  it('refuses an option that it does not know, before anything is started', async () => {
    const { code, stderr } = await endOf(start('--contact', '5'));

    expect(code).not.toBe(0);
    expect(stderr).toContain('--contact');
  });
});

/** The demo's campaign after its first round of changes, in a sandbox of its own without n8n. Who gets which fate goes by numbers alone. */
async function sameCampaign(contacts: number, seed: number) {
  const sandbox = await startSandbox({ contacts, seed });
  try {
    const control = new SandboxControl(sandbox.controlUrl);
    const some = contacts / 10;
    await control.changeContacts({ creates: 25, updates: some, deletes: some, seed: seed + 1, columns: ['lastname'] });
    const people = await control.dump('dataverse', 'contact');
    await control.json('POST', '/seed', { table: 'profile', count: people.length, profilesFrom: 'contact' });
    const bulk = people.filter((contact) => contact['donotbulkemail'] === true);
    for (const { contactid } of bulk) {
      await control.update('campaign', 'profile', { externalId: contactid, blackListEmail: true });
    }
    const mailed = people.filter((contact) => contact['donotemail'] !== true && contact['donotbulkemail'] !== true);
    const one = { externalId: mailed[0]?.['contactid'], blackListEmail: true };
    await control.update('campaign', 'profile', one);
    const { messages } = (await control.json('POST', '/deliver', { label: 'The same', seed: seed + 1 })) as {
      messages: number;
    };
    expect(messages).toBe(mailed.length - 1);
    const { delivery, tracking } = await control.logs();
    const reached = <Row extends { testAddress: boolean }>(rows: readonly Row[]) =>
      rows.filter((row) => !row.testAddress);
    return {
      messages,
      leftOut: people.length - mailed.length + 1,
      sends: reached(delivery).filter(({ status }) => status === 1).length,
      bounces: reached(delivery).filter(({ status, failureType }) => status === 2 && failureType === 2).length,
      opens: reached(tracking).filter(({ urlType }) => urlType === 2).length,
      clicks: reached(tracking).filter(({ urlType }) => [1, 10, 11].includes(urlType)).length,
    };
  } finally {
    await sandbox.close();
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** Waits for a line of output and gives the pattern's first group. */
async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found) resolve(found[1] ?? found[0]);
    });
    child.once('close', () => reject(new Error(`The demo ended before it printed ${pattern}:\n${text}`)));
  });
}
