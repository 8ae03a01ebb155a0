import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../sandbox/n8n-host/folders';
import { OWNER } from '../../sandbox/n8n-host/n8n-environment';
import { N8nRest } from '../../sandbox/n8n-host/rest';

jest.setTimeout(900_000);

/** What `npm run dev` reads of the project. */
const PARTS = ['nodes', 'lib', 'credentials', 'templates', 'sandbox', 'package.json', 'index.js'];
const CONFIGS = ['tsconfig.json', 'tsconfig.build.json'];
const TRIGGER = 'nodes/Dynamics365Trigger/Dynamics365Trigger.node.ts';
const SYNC = 'Dynamics 365 to Campaign';

describe('npm run dev', () => {
  /** A copy of the project, to be changed at will. */
  let project: string;
  /** The system's folder for temporary files, for this run alone. */
  let temporary: string;
  let dev: Output | undefined;

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'dev-test-project-'));
    temporary = mkdtempSync(join(tmpdir(), 'dev-test-'));
    for (const part of [...PARTS, ...CONFIGS])
      cpSync(join(projectRoot, part), join(project, part), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(project, 'node_modules'));
  });
  afterAll(async () => {
    dev?.child.kill('SIGKILL'); // n8n notices that by itself
    await dev?.ended;
    for (const folder of [project, temporary]) rmSync(folder, { recursive: true, force: true });
  });

  const change = (file: string, edit: (text: string) => string) =>
    writeFileSync(join(project, file), edit(readFileSync(join(project, file), 'utf8')));

  it('shows a change in the running n8n, goes on after an error, keeps what is published, and leaves nothing', async () => {
    dev = new Output(
      spawn(process.execPath, ['--import', 'tsx', 'sandbox/dev/main.ts', '--contacts', '3'], {
        cwd: project,
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }),
    );
    const url = await dev.next(/n8n is ready: (\S+)[^]*Ctrl-C ends everything/);
    const rest = new N8nRest(url, OWNER);
    const published = async () => (await rest.workflows()).filter((workflow) => workflow.activeVersionId);
    const descriptionOf = async (node: string) =>
      (await rest.nodeTypes()).find(({ name }) => name === `n8n-nodes-dynamics-campaign.${node}`)?.description;
    const [sync] = (await rest.workflows()).filter(({ name }) => name === SYNC);
    await rest.publish(sync?.id ?? '');
    const before = await descriptionOf('dynamics365Trigger');

    change(TRIGGER, (text) => text.replace(/^(\s*description:\s*)'/m, "$1'Changed for a test. "));

    await dev.next(/Changed: (nodes\S+)[^]*n8n has it after/);
    expect(await descriptionOf('dynamics365Trigger')).toBe(`Changed for a test. ${before}`);
    expect(await published()).toMatchObject([{ id: sync?.id }]);

    change(TRIGGER, (text) => `${text}\nconst wrong: number = 'text';\n`);

    expect(await dev.next(/(error TS2322)[^]*n8n goes on with the nodes as they were/)).toBe('error TS2322');
    expect(await descriptionOf('dynamics365Trigger')).toContain('Changed for a test.');

    change('templates/dynamics-to-campaign.json', (text) =>
      text.replace(/"content": "/, '"content": "Changed for a test. '),
    );
    change(TRIGGER, (text) => text.replace(/\nconst wrong.*\n/, ''));

    await dev.next(/The workflow "(.*)" is as templates.dynamics-to-campaign\.json has it now/);
    expect(JSON.stringify((await rest.workflow(sync?.id ?? '')).nodes)).toContain('Changed for a test.');
    expect(await published()).toMatchObject([{ id: sync?.id }]);

    process.kill(-(dev.child.pid ?? 0), 'SIGINT'); // as a terminal does it: to every process of the group

    expect(await dev.ended).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(readdirSync(temporary).filter((name) => /^(n8n|campaign)-/.test(name))).toEqual([]);
  });
});

/** What a program prints, read step by step. */
class Output {
  private text = '';
  private isOver = false;
  private readonly waiting = new Set<() => void>();
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;

  constructor(readonly child: ChildProcess) {
    const take = (chunk: Buffer) => {
      this.text += chunk.toString();
      this.waiting.forEach((look) => look());
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    this.ended = new Promise((resolve) =>
      child.once('close', (code) => {
        this.isOver = true;
        this.waiting.forEach((look) => look());
        resolve(code);
      }),
    );
  }

  /** Waits for something behind what was waited for last, and gives the pattern's first group. */
  async next(pattern: RegExp): Promise<string> {
    return await new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.text);
        if (!found && !this.isOver) return;
        this.waiting.delete(look);
        if (!found) return reject(new Error(`It ended before it printed ${pattern}:\n${this.text}`));
        this.text = this.text.slice(found.index + found[0].length);
        resolve(found[1] ?? '');
      };
      this.waiting.add(look);
      look();
    });
  }
}
