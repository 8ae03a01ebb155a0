import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../sandbox/n8n-host/folders';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly 'runs-on': string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

// js-yaml brings no types.
const { load } = jest.requireActual<{ load(text: string): unknown }>('js-yaml');
const folder = join(projectRoot, '.github/workflows');
const read = (file: string) => load(readFileSync(join(folder, file), 'utf8')) as Workflow;
const runs = ({ steps }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
const jobsOf = (workflow: Workflow) => Object.values(workflow.jobs);

describe("GitHub's workflows", () => {
  it.each(readdirSync(folder))(
    '%s names its actions with a version, and may only read unless a job needs more',
    (file) => {
      const workflow = read(file);
      const used = jobsOf(workflow).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));

      expect(used.length).toBeGreaterThan(0);
      expect(used.filter((action) => !/@(v\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
      expect(workflow.permissions).toEqual({ contents: 'read' });
    },
  );

  it('ci.yml runs everything on pushes and pull requests', () => {
    const { on, jobs } = read('ci.yml');

    expect(Object.keys(on)).toEqual(expect.arrayContaining(['push', 'pull_request']));
    expect(runs(jobs['everything']!)).toContain('.ci/run');
  });

  it('ci.yml loads the built package with the oldest Node that package.json promises, and with later ones', () => {
    const { engines } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const job = read('ci.yml').jobs['nodes']!;

    expect(job.strategy?.matrix.node).toEqual([engines.node.replace('>=', ''), '22', '24']);
    expect(job.steps).toContainEqual(
      expect.objectContaining({ with: expect.objectContaining({ 'node-version': '${{ matrix.node }}' }) as object }),
    );
    const built = runs(job).findIndex((run) => run.startsWith('npm test -- build'));
    expect(built).toBeGreaterThanOrEqual(0);
    expect(runs(job).indexOf('node scripts/load-built.mjs')).toBeGreaterThan(built);
  });

  it('publish.yml checks the tag and tests before it publishes with provenance, without a token', () => {
    const { on, jobs } = read('publish.yml');
    const [job] = Object.values(jobs);
    const steps = runs(job!);

    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(job?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(steps).toEqual([
      'node scripts/check-release.mjs "$GITHUB_REF_NAME"',
      '.ci/run',
      'npm run build',
      'npm publish --provenance --access public',
    ]);
    expect(readFileSync(join(folder, 'publish.yml'), 'utf8')).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
  });
});
