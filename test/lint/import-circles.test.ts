import { findCircles, importsOf, sourcesBelow } from './support/find-circles';

const circlesOf = (sources: Record<string, string>) => findCircles(importsOf(new Map(Object.entries(sources))));

describe('the search for import circles', () => {
  it.each([
    ['an import', "import { b } from './b';"],
    ['an import for its effects', "import './b';"],
    ['a type-only import', "import type { B } from './b';"],
    ['an export of what another file has', "export { b } from './b';"],
    ['an export of all that another file has', "export * from './b';"],
    ['an import()', "const b = import('./b');"],
    ['the type of an import()', "type B = import('./b').B;"],
    ['a require', "const b = require('./b');"],
    ['an import = require', "import b = require('./b');"],
  ])('sees %s', (_form, text) => {
    expect(circlesOf({ 'lib/a.ts': text, 'lib/b.ts': "import '../lib/a';" })).toEqual([
      'lib/a.ts -> lib/b.ts -> lib/a.ts',
    ]);
  });

  it('names the files of a circle alone, not those that lead to it', () => {
    const sources = {
      'main.ts': "import './a.mjs';",
      'a.mjs': "import './b/index';",
      'b/index.ts': "import '../c';",
      'c.ts': "import './a.mjs';",
    };
    expect(circlesOf(sources)).toEqual(['a.mjs -> b/index.ts -> c.ts -> a.mjs']);
  });

  it('takes two ways to one file for what they are', () => {
    const sources = {
      'a.ts': "import './b'; import './c';",
      'b.ts': "import './d';",
      'c.ts': "import './d';",
      'd.ts': '',
    };
    expect(circlesOf(sources)).toEqual([]);
  });
});

describe('the sources', () => {
  it('have no import circles, of types neither', () => {
    const sources = sourcesBelow(['lib', 'nodes', 'credentials', 'sandbox', 'bench', 'test', 'scripts']);
    const imports = importsOf(sources);

    expect(findCircles(imports)).toEqual([]);
    expect([...imports.values()].flat().length).toBeGreaterThan(1000);
  });
});
