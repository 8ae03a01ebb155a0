import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const documents = globSync('{*.md,docs/**/*.md,sandbox/**/*.md,test/**/*.md}', { cwd: root });

/** Files and folders of the project that a document names in code style; `<Node>` and the like stand for a name. */
const namedIn = (document: string): string[] =>
  [
    ...readFileSync(join(root, document), 'utf8').matchAll(
      /`((?:bench|credentials|docs|lib|nodes|sandbox|scripts|templates|test)\/[^\s`<*]*)`/g,
    ),
  ].map(([, path]) => path!);

describe('the documents', () => {
  it.each(documents)('%s names only files and folders that exist', (document) => {
    expect(namedIn(document).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('name some', () => {
    expect(namedIn('docs/architecture.md').length).toBeGreaterThan(30);
  });
});
