import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../sandbox/n8n-host/folders';

/** Files of the project's history, without pictures. */
const files = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => !/\.(png|jpe?g|gif|ico)$/.test(file));
const text = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

describe("the project's text", () => {
  it.each(['package-lock.json', 'sandbox/n8n-host/pnpm-lock.yaml'])('%s names no registry', (file) => {
    const urls = text(file).match(/https?:\/\/[^\s"']+\.tgz|"resolved": "http[^"]+"|tarball: \S+/g) ?? [];

    expect(urls).toEqual([]);
  });

  it('names the packages of every platform in package-lock.json, so that npm ci accepts it (scripts/complete-lock.mjs)', () => {
    const { packages } = JSON.parse(text('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.entries(optionalDependencies).filter(([, version]) => /^\d/.test(version)),
    );

    expect(wanted.map(([name]) => `node_modules/${name}`).filter((key) => !packages[key])).toEqual([]);
    expect(wanted.length).toBeGreaterThan(20);
  });

  it('names no registry in the settings of npm', () => {
    expect(text('.npmrc')).not.toMatch(/registry/);
  });

  it('holds no paths of a machine', () => {
    const suspicious = files.filter((file) => {
      if (file.startsWith('test/package/') || file.endsWith('lock.yaml') || file === 'package-lock.json') return false;
      return /(^|[\s"'`=(])\/(root|home\/\w+|Users\/\w+|work|tmp\/(boot|brief))\//m.test(text(file));
    });

    expect(suspicious).toEqual([]);
  });
});
