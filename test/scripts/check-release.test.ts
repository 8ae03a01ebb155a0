import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const script = pathToFileURL(join(__dirname, '../../scripts/check-release.mjs')).href;
const RELEASED =
  '# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-12-01\n\n### Added\n\n- Deletions.\n\n## 1.2.2 - 2026-11-01\n';

/** The script is a module, which jest does not load; so it runs in a process of its own. */
function problems(tag: string, version: string, changelog: string): string[] {
  const code = `import { releaseProblems } from ${JSON.stringify(script)};
    console.log(JSON.stringify(releaseProblems(...JSON.parse(process.argv[1]))));`;
  const input = JSON.stringify([tag, { version, changelog }]);
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', code, input], { encoding: 'utf8' }),
  ) as string[];
}

describe('the check of a release', () => {
  it('lets a tag pass that is the version, with a section of the changelog', () => {
    expect(problems('v1.2.3', '1.2.3', RELEASED)).toEqual([]);
    expect(problems('v1.2.3', '1.2.3', RELEASED.replace('## 1.2.3 -', '## [1.2.3] -'))).toEqual([]);
  });

  it.each(['v1.2.4', '1.2.3', 'v1.2', ''])('refuses the tag "%s" for the version 1.2.3', (tag) => {
    expect(problems(tag, '1.2.3', RELEASED)).toEqual([expect.stringContaining('the tag must be v1.2.3')]);
  });

  it.each([
    ['no section', RELEASED.replace('## 1.2.3 - 2026-12-01', '')],
    ['a section of a longer version alone', RELEASED.replace('## 1.2.3 ', '## 1.2.30 ')],
  ])('refuses a changelog with %s', (_, changelog) => {
    expect(problems('v1.2.3', '1.2.3', changelog)).toEqual([expect.stringContaining('has no section "## 1.2.3"')]);
  });

  it('refuses a section that says nothing', () => {
    expect(problems('v1.2.2', '1.2.2', RELEASED)).toEqual([expect.stringContaining('says nothing')]);
  });
});
