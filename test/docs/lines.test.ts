import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const documents = globSync('{*.md,.github/**/*.md,docs/**/*.md,sandbox/**/*.md,templates/**/*.md,test/**/*.md}', {
  cwd: root,
  exclude: (name) => name === 'node_modules',
});

const MOST = 120;

/** A list's mark and an indentation before, brackets and punctuation around. */
const WHOLE = (inner: string) => new RegExp(`^\\s*(?:[-*] |\\d+\\. )?\\(?${inner}[).,:;]*$`);

/** What Markdown or its reader cannot have broken: a link or a picture, code in a line, a word (an address, say). */
const UNBREAKABLE = [WHOLE('!?\\[[^\\]]*\\]\\([^)\\s]*\\)'), WHOLE('`[^`]+`'), WHOLE('\\S+')];

/**
 * The lines of a document that are too long, as `file:line`. Rows of tables may be longer: Markdown ends a row with its
 * line, and a list that says the same would hide what the columns show. So may blocks of code: drawings and commands.
 */
function tooLong(document: string, text: string): string[] {
  let inCode = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) inCode = !inCode;
    const free = inCode || /^\s*\|/.test(line) || UNBREAKABLE.some((pattern) => pattern.test(line));
    return free || [...line].length <= MOST ? [] : [`${document}:${index + 1}`];
  });
}

describe('the lines of the documents', () => {
  it.each(documents)(
    '%s: at most 120 characters, but for rows of tables, code and what cannot be broken',
    (document) => {
      expect(tooLong(document, readFileSync(join(root, document), 'utf8'))).toEqual([]);
    },
  );

  it('are read in every folder that has documents', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/errors.md', 'sandbox/README.md']),
    );
  });

  it.each([
    ['prose', `${'word '.repeat(24)}word`, ['a.md:1']],
    ['a link with words around it', `See [this](https://example.com/${'a'.repeat(100)}).`, ['a.md:1']],
    ['prose after a block of code', `\`\`\`\ncode\n\`\`\`\n${'word '.repeat(25)}`, ['a.md:4']],
    ['120 letters with accents', `${'é '.repeat(59)}é.`, []],
    ['a row of a table', `| ${'cell '.repeat(30)}|`, []],
    ['a line in a block of code', `\`\`\`\n${'command '.repeat(20)}\n\`\`\``, []],
    ['a link alone', `  ([this recipe](https://example.com/${'a'.repeat(120)})).`, []],
    ['a span of code alone', `\`POST /settings ${'a '.repeat(60)}\`.`, []],
  ])('%s is judged rightly', (_what, text, expected) => {
    expect(tooLong('a.md', text)).toEqual(expected);
  });
});
