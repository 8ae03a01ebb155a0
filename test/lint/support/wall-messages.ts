import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../../sandbox/n8n-host/folders';

/** A text, linted as if it stood in a file (path below the project's folder; the file need not exist). */
export interface Snippet {
  readonly file: string;
  readonly code: string;
}

/** What the rule `project/import-walls` says of each snippet under the project's own eslint.config.mjs. */
export function wallMessages(snippets: readonly Snippet[]): string[][] {
  // A process of its own: jest can't load eslint.config.mjs.
  const output = execFileSync(process.execPath, [join(__dirname, 'snippet-linter.mjs')], {
    cwd: projectRoot,
    input: JSON.stringify(snippets),
    encoding: 'utf8',
  });
  return JSON.parse(output) as string[][];
}
