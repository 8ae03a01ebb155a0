import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const files = globSync(
  ['*.{js,mjs,ts}', '{bench,credentials,docs,lib,nodes,sandbox,scripts,templates,test}/**/*.{cjs,js,mjs,ts}'],
  { cwd: root, exclude: (name) => name === 'node_modules' },
).sort();

interface Comment {
  readonly line: number;
  /** Without the marks of the comment, its lines joined: what a name is broken over is whole again. */
  readonly text: string;
}

/** The comments of a source, from the trivia of its tokens: what looks like one inside a string is none. */
function commentsOf(file: string, text: string): Comment[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const ranges = new Map<number, ts.CommentRange>();
  const add = (found: readonly ts.CommentRange[] | undefined) =>
    found?.forEach((range) => ranges.set(range.pos, range));
  const visit = (node: ts.Node): void => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return;
    const children = node.getChildren(source);
    if (children.length > 0) return children.forEach(visit);
    add(ts.getLeadingCommentRanges(text, node.getFullStart()));
    add(ts.getTrailingCommentRanges(text, node.getEnd()));
  };
  visit(source);
  return joined(
    [...ranges.values()]
      .sort((a, b) => a.pos - b.pos)
      .map((range) => ({
        line: source.getLineAndCharacterOfPosition(range.pos).line + 1,
        lastLine: source.getLineAndCharacterOfPosition(range.end).line + 1,
        slashes: range.kind === ts.SyntaxKind.SingleLineCommentTrivia,
        text: text.slice(range.pos, range.end).replace(/^\/\*+|\*+\/$|^\s*\*+ ?|^\/\/+/gm, ' '),
      })),
  );
}

/** Lines of `//` that follow each other are one comment. */
function joined(parts: readonly (Comment & { lastLine: number; slashes: boolean })[]): Comment[] {
  const whole: { line: number; lastLine: number; slashes: boolean; text: string }[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (last && last.slashes && part.slashes && part.line === last.lastLine + 1) {
      last.text += ` ${part.text}`;
      last.lastLine = part.lastLine;
    } else whole.push({ ...part });
  }
  return whole.map(({ line, text }) => ({ line, text: text.replace(/\s+/g, ' ').trim() }));
}

const PATHS =
  /(?<![\w./@<>*-])(?:bench|credentials|docs|lib|nodes|sandbox|scripts|templates|test)\/(?:[\w.-]*\w)?(?:\/[\w.-]*\w)*(?![\w<*{])/g;
const DOCUMENTS = /(?<![\w./:-])[\w./-]+\.md\b/g;
const SECTIONS = /\b(docs\/facts\/\w+\.md), "([^"]+)"/g;

const sectionsOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^#{2,} (.+)$/gm)].map(([, heading]) => heading!);

/** What the comments of a file name and the project does not have, each with its line. */
function missingIn(file: string, text: string): string[] {
  const there = (name: string) => existsSync(join(root, name)) || existsSync(join(root, dirname(file), name));
  return commentsOf(file, text).flatMap((comment) => [
    ...[...comment.text.matchAll(PATHS), ...comment.text.matchAll(DOCUMENTS)]
      .map(([name]) => name)
      .filter((name, at, all) => !there(name) && all.indexOf(name) === at)
      .map((name) => `${comment.line}: ${name}`),
    ...[...comment.text.matchAll(SECTIONS)]
      .filter(([, page, section]) => existsSync(join(root, page!)) && !sectionsOf(page!).includes(section!))
      .map(([reference]) => `${comment.line}: ${reference}`),
  ]);
}

const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('the comments of the source', () => {
  it.each(files)('%s names only files, folders, documents and sections of facts that exist', (file) => {
    expect(missingIn(file, read(file))).toEqual([]);
  });

  it('name sections of all pages of facts', () => {
    const named = files
      .filter((file) => read(file).includes('docs/facts/'))
      .flatMap((file) => commentsOf(file, read(file)))
      .flatMap(({ text }) => [...text.matchAll(SECTIONS)].map(([, page]) => page));
    expect([...new Set(named)].sort()).toEqual(globSync('docs/facts/*.md', { cwd: root }).sort());
  });

  it.each([
    ['a file', '/** See lib/nowhere.ts. */', ['1: lib/nowhere.ts']],
    ['a folder', '// All of `lib/nowhere/` is meant.', ['1: lib/nowhere']],
    ['a document', '\n/** (OUTLINE.md, 2) */', ['2: OUTLINE.md']],
    ['a document by half of its path', '// facts/dataverse.md, 2', ['1: facts/dataverse.md']],
    ['a section', '// (docs/facts/n8n.md, "No such thing")', ['1: docs/facts/n8n.md, "No such thing"']],
    [
      'a section, broken over lines',
      '/**\n * docs/facts/n8n.md, "No\n * such thing"\n */',
      ['1: docs/facts/n8n.md, "No such thing"'],
    ],
    [
      'a section, broken over lines of slashes',
      'let a; // b\n// docs/facts/n8n.md, "No\n// such thing"',
      ['1: docs/facts/n8n.md, "No such thing"'],
    ],
    ['a comment at the end of a block', 'if (1) {\n  // lib/nowhere.ts\n}', ['2: lib/nowhere.ts']],
    ['what exists', '/** lib/core, README.md, docs/facts/n8n.md, "Static data" */', []],
    ['a place for a name', '// nodes/<Node>/description.ts and lib/**', []],
    ['an address', '// https://example.com/docs/lib/nowhere.md', []],
    ['a string', 'const a = "// lib/nowhere.ts", b = `/* ${a} lib/nowhere.ts */`, c = /\\/\\* lib\\/nowhere.ts/;', []],
  ])('%s: found where it is missing, and only then', (_what, text, expected) => {
    expect(missingIn('lib/core/a.ts', text)).toEqual(expected);
  });
});
