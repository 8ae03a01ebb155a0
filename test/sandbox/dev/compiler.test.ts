import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Compiler, type Compiled } from '../../../sandbox/dev/compiler';

jest.setTimeout(60_000);

/** A project of two files, of which one takes a type and a value from the other. */
const CONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022'],
    module: 'node16',
    strict: true,
    isolatedModules: true,
    skipLibCheck: true,
    noUnusedLocals: true,
    types: [],
    rootDir: '.',
  },
  include: ['lib', 'nodes'],
};
const WORD = "export interface Word { readonly text: string }\nexport const word: Word = { text: 'one' };\n";
const SAY = "import { word } from '../lib/word';\nexport const said = word.text;\n";

describe('the compiler of npm run dev', () => {
  let root: string;
  let compiler: Compiler;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dev-compiler-'));
    put('tsconfig.json', JSON.stringify(CONFIG));
    put('lib/word.ts', WORD);
    put('nodes/say.ts', SAY);
    compiler = new Compiler(join(root, 'tsconfig.json'), join(root, 'out'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function put(file: string, text: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const output = (file: string) => readFileSync(join(root, 'out', file), 'utf8');
  const written = (compiled: Compiled) => ('written' in compiled ? compiled.written : compiled.errors);

  it('writes everything at first, with source maps, and then only what a change touches', () => {
    expect(written(compiler.compile())).toEqual(['lib/word.js', 'nodes/say.js']);
    expect(existsSync(join(root, 'out/nodes/say.js.map'))).toBe(true);
    expect(written(compiler.compile())).toEqual([]);

    put('lib/word.ts', WORD.replace('one', 'another'));

    expect(written(compiler.compile())).toEqual(['lib/word.js']);
    expect(output('lib/word.js')).toContain('another');
  });

  it('names the place of an error, writes nothing, and makes up for it when the error is gone', () => {
    compiler.compile();
    put('nodes/say.ts', SAY.replace('word.text', 'word.tongue'));
    put('lib/word.ts', WORD.replace("'one'", "'two'"));

    const compiled = compiler.compile();

    expect(compiled).toEqual({
      errors: expect.stringMatching(/nodes\/say\.ts\(2,26\): error TS\d+: .*tongue/) as string,
    });
    expect(output('lib/word.js')).toContain('one');

    put('nodes/say.ts', `${SAY}\n`);

    expect(written(compiler.compile())).toEqual(['lib/word.js', 'nodes/say.js']);
    expect(output('lib/word.js')).toContain('two');
  });

  it('notices an error in a file that did not change itself', () => {
    compiler.compile();
    put('lib/word.ts', WORD.replaceAll('text', 'tongue'));

    expect(compiler.compile()).toEqual({ errors: expect.stringContaining('nodes/say.ts') as string });
  });

  it('takes new files, and says which scripts belong to the sources when one is gone', () => {
    compiler.compile();
    put('lib/new.ts', 'export const isNew = true;\n');
    rmSync(join(root, 'nodes/say.ts'));

    const compiled = compiler.compile();

    expect(written(compiled)).toEqual(['lib/new.js']);
    expect('outputs' in compiled && [...compiled.outputs].sort()).toEqual([
      'lib/new.js',
      'lib/new.js.map',
      'lib/word.js',
      'lib/word.js.map',
    ]);
  });

  it('does not mind what is unused for the moment', () => {
    put('lib/word.ts', `const unused = 1;\n${WORD}`);

    expect(written(compiler.compile())).toEqual(['lib/word.js', 'nodes/say.js']);
  });
});
