import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../sandbox/n8n-host/folders';

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

  const start = (...options: string[]) => run('npm', 'run', '--silent', 'demo', '--', ...options);
  const run = (command: string, ...args: string[]) =>
    spawn(command, args, {
      cwd: projectRoot,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });

  it('--once --json ends by itself with a result that says both sides are equal, and leaves nothing', async () => {
    const { code, stdout, stderr } = await endOf(start('--once', '--json', '--contacts', '60', '--seed', '7'));

    expect({ code, stderr: code ? stderr : '' }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ ok: true, differences: [], backlog: 0, rejected: 0 });
    expect(result['contacts']).toBe(60 + 25 - 6);
    expect(result['profiles']).toBe(result['contacts']);
    expect(result['comparedFields']).toBeGreaterThanOrEqual(10);
    expect(readdirSync(temporary).filter((name) => name.startsWith('n8n-'))).toEqual([]);
  });

  it('goes on until Ctrl-C, and then leaves nothing running and no folder', async () => {
    // Without npm, whose shell has an exit code of its own after Ctrl-C.
    const demo = run('node', 'scripts/node24.mjs', '--import', 'tsx', 'sandbox/demo/main.ts', '--contacts', '20');
    const ended = endOf(demo);
    const url = await lineOf(demo, /n8n is ready: (\S+)/);
    await lineOf(demo, /Ctrl-C ends it/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);

    process.kill(-(demo.pid ?? 0), 'SIGINT'); // as a terminal does it: to every process of the group

    expect((await ended).code).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(readdirSync(temporary).filter((name) => name.startsWith('n8n-'))).toEqual([]);
  });

  it('refuses an option that it does not know, before anything is started', async () => {
    const { code, stderr } = await endOf(start('--contact', '5'));

    expect(code).not.toBe(0);
    expect(stderr).toContain('--contact');
  });
});

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
