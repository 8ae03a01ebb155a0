import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** Where a message or hint stands in the arguments of what makes an error or an outcome. */
const MAKERS: Readonly<Record<string, { readonly code: number; readonly message: number; readonly hint?: number }>> = {
  ConfigurationError: { code: 0, message: 1, hint: 2 },
  RetriableError: { code: 0, message: 1, hint: 2 },
  RejectedRecordError: { code: 0, message: 1, hint: 2 },
  FatalError: { code: 0, message: 1, hint: 2 },
  BrokenFileError: { code: 0, message: 1, hint: 2 },
  OperandError: { code: 0, message: 1 },
  rejectedOutcome: { code: 0, message: 1 },
  skippedOutcome: { code: 0, message: 1 },
  waitingOutcome: { code: 0, message: 1 },
  unchangedOutcome: { code: 0, message: 1 },
  rejection: { code: 1, message: 2, hint: 3 },
};

interface Text {
  readonly at: string;
  readonly code: string;
  readonly part: 'message' | 'hint';
  /** The constant beginning and end of the text; empty where it begins or ends with something that is filled in. */
  readonly begins: string;
  readonly ends: string;
  /** A message that goes on after "Line 3: ". */
  readonly isRest: boolean;
}

const texts: Text[] = [];
/** Codes of errors and outcomes that say what can be done, and those that somewhere do not. */
const withHint = new Set<string>();
const withoutHint = new Map<string, string>();

/** Every constant beginning and end that an expression can have. */
function endsOf(node: ts.Expression): { begins: string; ends: string }[] {
  if (ts.isStringLiteralLike(node)) return [{ begins: node.text, ends: node.text }];
  if (ts.isParenthesizedExpression(node)) return endsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [...endsOf(node.whenTrue), ...endsOf(node.whenFalse)];
  if (ts.isTemplateExpression(node)) {
    const last = node.templateSpans[node.templateSpans.length - 1]!;
    return [{ begins: node.head.text, ends: last.literal.text }];
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [endsOf(node.left), endsOf(node.right)];
    return left.flatMap(({ begins }) => right.map(({ ends }) => ({ begins, ends })));
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [...endsOf(node.left), ...endsOf(node.right)];
  }
  // What an arrow function or a variable gives is looked at where it is written.
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return endsOf(node.body);
  return [];
}

function readFile(file: string): void {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const place = (node: ts.Node) => `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const add = (node: ts.Expression | undefined, code: string, part: Text['part'], isRest: boolean) => {
    if (!node) return;
    for (const ends of endsOf(node)) texts.push({ at: place(node), code, part, isRest, ...ends });
  };
  const property = (node: ts.Expression | undefined, name: string): ts.Expression | undefined => {
    if (!node || !ts.isObjectLiteralExpression(node)) return undefined;
    for (const each of node.properties) {
      if (ts.isPropertyAssignment(each) && each.name.getText() === name) return each.initializer;
      if (ts.isShorthandPropertyAssignment(each) && each.name.text === name) return each.name;
    }
    return undefined;
  };
  const codeOf = (node: ts.Expression | undefined): string | undefined =>
    node && ts.isStringLiteralLike(node) && /^[A-Z][A-Z0-9_]+$/.test(node.text) ? node.text : undefined;
  const note = (code: string, hinted: boolean, node: ts.Node) => {
    if (hinted) withHint.add(code);
    else withoutHint.set(code, place(node));
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && ts.isIdentifier(node.expression)) {
      const maker = MAKERS[node.expression.text];
      const code = maker && codeOf(node.arguments?.[maker.code]);
      if (maker && code) {
        const name = node.expression.text;
        add(node.arguments?.[maker.message], code, 'message', name === 'rejection' || name === 'OperandError');
        const options = maker.hint === undefined ? undefined : node.arguments?.[maker.hint];
        const hint =
          name === 'rejection'
            ? options
            : (property(options, 'hint') ?? (options && !ts.isObjectLiteralExpression(options) ? options : undefined));
        add(hint, code, 'hint', false);
        if (maker.hint !== undefined) note(code, hint !== undefined, node);
      }
    }
    if (ts.isObjectLiteralExpression(node)) {
      const code = codeOf(property(node, 'code'));
      if (code) {
        const message = property(node, 'message');
        const hint = property(node, 'hint');
        add(message, code, 'message', property(node, 'where') !== undefined);
        add(hint, code, 'hint', false);
        if (message || hint) note(code, hint !== undefined, node);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

for (const file of globSync('{lib,nodes,credentials}/**/*.ts', { cwd: root }).sort())
  readFile(file.replaceAll('\\', '/'));

const told = ({ at, code, part, begins, ends }: Text) =>
  `${at} ${code} ${part}: ${begins.slice(0, 40)} ... ${ends.slice(-40)}`;

describe('what users are told', () => {
  it('is found in the source', () => {
    expect(texts.length).toBeGreaterThan(300);
  });

  it('is whole sentences: every message and hint has its full stop', () => {
    expect(texts.filter(({ ends }) => !/[.!?]["')]?$/.test(ends.trimEnd())).map(told)).toEqual([]);
  });

  it('begins with a capital letter, but for what goes on after "Line 3: "', () => {
    const begin = (text: Text) => text.begins.trimStart();
    expect(texts.filter((text) => !text.isRest && /^[a-z]/.test(begin(text))).map(told)).toEqual([]);
  });

  it('says to every code what can be done', () => {
    const without = [...withoutHint].filter(([code]) => !withHint.has(code)).map(([code, at]) => `${code} ${at}`);
    expect(without).toEqual([]);
  });
});
