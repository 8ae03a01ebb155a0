import { sourcesBelow } from './support/find-circles';
import { FORMS, LAYERS } from './support/import-cases';
import { wallMessages, type Snippet } from './support/wall-messages';

const TYPE_FORMS = Object.keys(FORMS).filter((form) => /type/.test(form));

const rowsOf = (kind: 'allowed' | 'forbidden') =>
  Object.entries(LAYERS).flatMap(([file, { [kind]: specifiers }]) =>
    specifiers.map((specifier) => ({ file, specifier, code: `import { a } from '${specifier}';` })),
  );

const ALLOWED = rowsOf('allowed');
const FORBIDDEN = rowsOf('forbidden');

/** All forms, in a file that may not import what they name, and in one that may. */
const IN_ALL_FORMS = Object.entries(FORMS).flatMap(([form, codeOf]) => [
  ...['../../http/transport', 'ssh2-sftp-client', 'stream', 'node:stream'].map((specifier) => ({
    file: 'lib/sync/mapping/some.ts',
    form: `${form} of ${specifier}`,
    code: codeOf(specifier),
    refused: true,
  })),
  { file: 'lib/sftp/some.ts', form: `${form} of ssh2-sftp-client`, code: codeOf('ssh2-sftp-client'), refused: false },
]);

/** A file -> a module of which it may import types alone. */
const TYPES_ALONE = { 'lib/sftp/some.ts': 'ssh2', 'sandbox/oracles/some.ts': '../control-client' };
const OF_TYPES_ALONE = Object.entries(TYPES_ALONE).flatMap(([file, specifier]) =>
  Object.entries(FORMS).map(([form, codeOf]) => ({ file, form, code: codeOf(specifier) })),
);

const UNCHECKABLE = [
  'export const a = (name: string) => import(name);',
  'export const a = (name: string) => import(`../../${name}`);',
  "export const a = require('str' + 'eam');",
  "export const a = process['getBuiltinModule']('stream');",
  "import { type A, b } from '../../http/transport';",
].map((code) => ({ file: 'lib/sync/mapping/some.ts', code }));

const WITHOUT_ROW = [
  'lib/some.ts',
  'lib/sync/some.ts',
  'lib/sync/new-part/some.ts',
  'lib/new-system/some.ts',
  'nodes/some.ts',
].map((file) => ({ file, code: 'export {};' }));

const EXAMPLE = { file: 'lib/core/some.ts', code: "import 'axios';" };

describe('the import walls', () => {
  const messagesBySnippet = new Map<string, string[]>();
  const messagesOf = ({ file, code }: Snippet): string[] => messagesBySnippet.get(`${file}\n${code}`) ?? [];

  beforeAll(() => {
    const snippets = [
      ...ALLOWED,
      ...FORBIDDEN,
      ...IN_ALL_FORMS,
      ...OF_TYPES_ALONE,
      ...UNCHECKABLE,
      ...WITHOUT_ROW,
      EXAMPLE,
    ];
    wallMessages(snippets).forEach((messages, index) => {
      const { file, code } = snippets[index] as Snippet;
      messagesBySnippet.set(`${file}\n${code}`, messages);
    });
    expect(messagesBySnippet.size).toBeGreaterThan(200);
  }, 60_000);

  it('let no file import what its layer may not', () => {
    const wrong = FORBIDDEN.filter((row) => messagesOf(row).length !== 1);

    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('let every file import what its layer may', () => {
    const wrong = ALLOWED.filter((row) => messagesOf(row).length > 0);

    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('see every form of import, of the project, of packages and of built-in modules', () => {
    const wrong = IN_ALL_FORMS.filter((row) => messagesOf(row).length !== (row.refused ? 1 : 0));

    expect(wrong.map(({ file, form }) => `${file}: ${form}`)).toEqual([]);
  });

  it('let types alone through where a layer may know no more', () => {
    const through = OF_TYPES_ALONE.filter((row) => messagesOf(row).length === 0);

    expect(through.map(({ file, form }) => `${file}: ${form}`)).toEqual(
      Object.keys(TYPES_ALONE).flatMap((file) => TYPE_FORMS.map((form) => `${file}: ${form}`)),
    );
  });

  it.each(UNCHECKABLE)('refuse $code', (row) => {
    expect(messagesOf(row)).toHaveLength(1);
  });

  it.each(WITHOUT_ROW)('ask for a row for the folder of $file', (row) => {
    expect(messagesOf(row)).toEqual([expect.stringContaining('Add one that says what it may import')]);
  });

  it('say what may be imported instead', () => {
    expect(messagesOf(EXAMPLE)).toEqual([
      'lib/core may not import axios: lib/core is the ground that everything stands on. ' +
        'It may import: lib/core, zod (scripts/eslint/layers.mjs).',
    ]);
  });

  it('are switched off by no comment', () => {
    const sources = [...sourcesBelow(['lib', 'nodes', 'credentials', 'sandbox', 'bench'])];
    const silenced = sources.filter(([, text]) =>
      /eslint-disable(?!(-next-line|-line)? @typescript-eslint\/)|project\/import-walls/.test(text),
    );

    expect(silenced.map(([file]) => file)).toEqual([]);
    expect(sources.length).toBeGreaterThan(200);
  });
});
