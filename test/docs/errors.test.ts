import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Words in capitals in the source that are no codes of ours: nobody meets them as such. */
const NOT_OURS: Readonly<Record<string, readonly string[]>> = {
  "an environment variable of n8n's": ['EXECUTIONS_MODE'],
  'environment variables that name proxies': ['ALL_PROXY', 'NO_PROXY'],
  'methods of HTTP': ['DELETE', 'GET', 'PATCH', 'POST'],
  'formats: of texts, time zones, parts of dates and letters of Unicode': ['JSON', 'NFC', 'NFKC', 'SSS', 'UTC', 'YYYY'],
  "Node's and axios' codes of connections, which CONNECTION_FAILED, SFTP_NOT_FOUND and others quote or stand for": [
    ...['EACCES', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'ENOTFOUND'],
    ...[
      'EPIPE',
      'ETIMEDOUT',
      'UNKNOWN',
      'ERR_BAD_ENCODING',
      'ERR_INVALID_URL',
      'ERR_TOO_LARGE',
      'ERR_BUFFER_TOO_LARGE',
    ],
  ],
  "codes of the SFTP library's errors": ['ERR_NOT_CONNECTED', 'ERR_NOT_EXIST'],
  "a variable of n8n's environment": ['EXECUTIONS_MODE'],
  'a code of zlib, which becomes GZIP_TORN': ['Z_BUF_ERROR'],
};

/** Words in capitals in the documents that are no codes of ours: environment variables of Node, n8n and n8n's queue. */
const ENVIRONMENT =
  /^(?:NODE_EXTRA_CA_CERTS|EXECUTIONS_MODE|(?:HTTPS?|ALL|NO)_PROXY|N8N_[A-Z0-9_]+|QUEUE_BULL_[A-Z0-9_]+)$/;

const CAPITALS = /^[A-Z][A-Z0-9]{2,}$|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** Every string of a file that is one word in capitals; comments do not count. */
function capitalsIn(file: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && CAPITALS.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const inSource = new Set(
  globSync('{lib,nodes,credentials}/**/*.ts', { cwd: root }).flatMap((file) => capitalsIn(file)),
);
const notOurs = new Set(Object.values(NOT_OURS).flat());
const codes = [...inSource].filter((word) => !notOurs.has(word)).sort();

interface Row {
  readonly section: string;
  readonly codes: readonly string[];
  readonly cells: readonly string[];
}

/** The rows of the tables of docs/errors.md, by section. */
const rows: readonly Row[] = read('docs/errors.md')
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [title = '', ...lines] = section.split('\n');
    return lines
      .filter((line) => line.startsWith('| `'))
      .map((line) => {
        const cells = line.split('|').map((cell) => cell.trim());
        return {
          section: title,
          codes: [...(cells[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map((match) => match[1] as string),
          cells: cells.slice(1, -1),
        };
      });
  });
const explained = new Set(rows.flatMap((row) => row.codes));

describe('docs/errors.md', () => {
  it('explains every code of the source', () => {
    expect(codes.length).toBeGreaterThan(200);
    expect(codes.filter((code) => !explained.has(code))).toEqual([]);
  });

  it('explains no code that the source does not have', () => {
    expect([...explained].filter((code) => !codes.includes(code))).toEqual([]);
  });

  it('says of every code what happened and what to do, once in each section', () => {
    for (const { cells } of rows) {
      expect(cells).toHaveLength(3);
      for (const cell of cells) expect(cell).not.toBe('');
    }
    const places = rows.flatMap((row) => row.codes.map((code) => `${row.section}: ${code}`));
    expect(places.filter((place, at) => places.indexOf(place) !== at)).toEqual([]);
  });

  it('finds every word that it takes for no code in the source', () => {
    expect([...notOurs].filter((word) => !inSource.has(word))).toEqual([]);
  });
});

describe('the documents', () => {
  it.each(['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root }).sort()])(
    '%s names no code that the source does not have',
    (file) => {
      const named = new Set(read(file).match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g));
      expect([...named].filter((word) => !codes.includes(word) && !ENVIRONMENT.test(word))).toEqual([]);
    },
  );
});
