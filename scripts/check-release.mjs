// Refuses a release whose tag does not fit the project:  node scripts/check-release.mjs v1.2.3
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What keeps a tag from being released; nothing when it fits.
 *
 * @param {string} tag e.g. `v1.2.3`
 * @param {{ version: string, changelog: string }} project package.json's version, and the text of CHANGELOG.md
 * @returns {string[]} sentences for a person
 */
export function releaseProblems(tag, { version, changelog }) {
  const problems = [];
  if (tag !== `v${version}`) {
    problems.push(`The tag is ${tag}, but package.json has the version ${version}: the tag must be v${version}.`);
  }
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s\]]/)[0]?.replace('[', '') === version);
  if (section === undefined) {
    problems.push(`CHANGELOG.md has no section "## ${version}". Give the section "Unreleased" that title and a date.`);
  } else if (!section.includes('\n- ')) {
    problems.push(`The section "## ${version}" of CHANGELOG.md says nothing.`);
  }
  return problems;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(fileURLToPath(import.meta.url), '..', '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const problems = releaseProblems(process.argv[2] ?? '', { version, changelog });
  for (const problem of problems) console.error(problem);
  if (problems.length) process.exit(1);
  console.log(`${process.argv[2]} may be released.`);
}
