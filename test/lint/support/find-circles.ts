import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../../../sandbox/n8n-host/folders';

/** File -> the files that it imports, be it for types alone, with `export ... from`, `import()` or `require`. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const EXTENSIONS = ['', '.ts', '.mjs', '.cjs', '.js', '/index.ts'];

/** The imports between files of the project, by their text. Packages, and paths that no file has, are left out. */
export function importsOf(sources: ReadonlyMap<string, string>): Imports {
  return new Map(
    [...sources].map(([file, text]) => {
      const paths = ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => posix.join(posix.dirname(file), fileName));
      return [
        file,
        paths.flatMap((path) => EXTENSIONS.map((end) => path + end).find((name) => sources.has(name)) ?? []),
      ];
    }),
  );
}

/** The source files below some folders of the project, with their text. */
export function sourcesBelow(folders: readonly string[]): Map<string, string> {
  const files = globSync(`{${folders.join(',')}}/**/*.{ts,mts,cts,js,mjs,cjs}`, { cwd: projectRoot });
  return new Map(files.map((file) => [file.replaceAll('\\', '/'), readFileSync(join(projectRoot, file), 'utf8')]));
}

/** One way round each circle: `a.ts -> b.ts -> a.ts`. */
export function findCircles(imports: Imports): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk: string[] = [];
  const visit = (file: string): void => {
    const start = walk.indexOf(file);
    if (start >= 0) circles.push([...walk.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    walk.push(file);
    for (const imported of imports.get(file) ?? []) visit(imported);
    walk.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return circles;
}
