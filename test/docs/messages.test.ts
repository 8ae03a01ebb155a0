import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** Where a code, a message and a hint stand in the arguments of what makes an error or an outcome. */
interface Maker {
  /** The place of the code, or the code itself where the maker is for one alone. */
  readonly code: number | string;
  readonly message: number;
  /** The hint itself, or the options that hold it. Absent where users see the message alone: it then says what can be done. */
  readonly hint?: number;
  /** A message that goes on after "Line 3: ". */
  readonly isRest?: true;
  /** Nothing is wrong with what is skipped or stands already, so nothing can be done. */
  readonly isFine?: true;
}

const ERROR: Maker = { code: 0, message: 1, hint: 2 };
const MAKERS: Readonly<Record<string, Maker>> = {
  ConfigurationError: ERROR,
  RetriableError: ERROR,
  RejectedRecordError: ERROR,
  FatalError: ERROR,
  BrokenFileError: ERROR,
  /** In the constructor of an error of ours. */
  super: ERROR,
  OperandError: { code: 0, message: 1, hint: 2, isRest: true },
  rejection: { code: 1, message: 2, hint: 3, isRest: true },
  rejectedOutcome: { code: 0, message: 1 },
  waitingOutcome: { code: 0, message: 1 },
  skippedOutcome: { code: 0, message: 1, isFine: true },
  unchangedOutcome: { code: 0, message: 1, isFine: true },
  /** Of log rows: joins the two. */
  rejected: { code: 0, message: 1, hint: 3 },
  nothingToDo: { code: 2, message: 3, isFine: true },
  unexpectedResponse: { code: 'UNEXPECTED_RESPONSE', message: 0 },
};

/** Makers of which every use has the same hint: written, and looked at, where they are. */
const HAVE_A_HINT = new Set(['unexpectedResponse']);

/** Puts the place of a line before the rest of the sentence, which is looked at where `rejection` is called. */
const JOINED = 'lib/core/line-rejection.ts:';

interface Text {
  readonly at: string;
  readonly code: string;
  readonly part: 'message' | 'hint';
  /** The text, with `…` for what is filled in. */
  readonly text: string;
  readonly isRest: boolean;
}

/** A place that makes an error, or an outcome that is not as it should be. */
interface Place {
  readonly at: string;
  readonly code: string;
  readonly messages: readonly string[];
  /** Where it says what can be done; nowhere where nothing is wrong. */
  readonly says: 'hint' | 'message' | 'nothing';
  readonly hasHint: boolean;
}

/** What is filled in, as the source has it. */
const gaps: { readonly at: string; readonly filledIn: string }[] = [];
const texts: Text[] = [];
const places: Place[] = [];

const FILLED_IN = '…';

/**
 * Every text that an expression can be, with `…` for what is filled in; none for one that is made elsewhere: a parameter, or a part
 * of another error.
 */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce(
      (before, span) => {
        const known = knownTextsOf(span.expression);
        return before.flatMap((text) => known.map((each) => text + each + span.literal.text));
      },
      [node.head.text],
    );
  }
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [textsOf(node.left), textsOf(node.right)];
    if (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return [...left, ...right];
    if (node.operatorToken.kind === ts.SyntaxKind.PlusToken)
      return left.flatMap((before) => right.map((after) => before + after));
    return [];
  }
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return textsOf(node.body);
  // sentence(...) sets the full stop by itself.
  if (ts.isCallExpression(node) && node.expression.getText() === 'sentence' && node.arguments[0])
    return textsOf(node.arguments[0]).map((text) => (/[.!?]$/.test(text) ? text : `${text}.`));
  if (ts.isIdentifier(node)) {
    const value = constantOf(node);
    return value ? textsOf(value) : [];
  }
  return [];
}

/** What stands in a gap of a template: constants as they are. */
function knownTextsOf(node: ts.Expression): string[] {
  gaps.push({ at: placeOf(node), filledIn: node.getText() });
  const known = ts.isIdentifier(node) ? textsOf(node) : [];
  return known.length > 0 ? known : [FILLED_IN];
}

/** What a constant of this name is, looked for from the inside out, and in other files of the package where it is imported. */
function constantOf(name: ts.Identifier): ts.Expression | undefined {
  for (let scope: ts.Node = name.parent; ; scope = scope.parent) {
    if (ts.isFunctionLike(scope) && scope.parameters.some(({ name: own }) => own.getText().includes(name.text)))
      return undefined;
    if (ts.isBlock(scope) || ts.isCaseClause(scope) || ts.isSourceFile(scope)) {
      const found = declarationIn(scope.statements, name.text);
      if (found) return found;
    }
    if (ts.isSourceFile(scope)) return exported.get(name.text);
  }
}

function declarationIn(statements: readonly ts.Statement[], name: string): ts.Expression | undefined {
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const)) continue;
    for (const { name: own, initializer } of statement.declarationList.declarations)
      if (initializer && ts.isIdentifier(own) && own.text === name) return initializer;
  }
  return undefined;
}

const files = globSync('{lib,nodes,credentials}/**/*.ts', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .sort();
const sources = files.map((file) =>
  ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true),
);

/** The exported texts of the package; their names are unique among it. */
const exported = new Map<string, ts.Expression>();
for (const { statements } of sources) {
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement) || !statement.modifiers?.some(isExport)) continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (initializer && ts.isStringLiteralLike(initializer)) exported.set(name.getText(), initializer);
  }
}

function isExport({ kind }: ts.ModifierLike): boolean {
  return kind === ts.SyntaxKind.ExportKeyword;
}

function property(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined;
  for (const each of node.properties) {
    if (ts.isPropertyAssignment(each) && each.name.getText() === name) return each.initializer;
    if (ts.isShorthandPropertyAssignment(each) && each.name.text === name) return each.name;
  }
  return undefined;
}

function isText(node: ts.Expression | undefined, text: string): boolean {
  return node !== undefined && ts.isStringLiteralLike(node) && node.text === text;
}

/** The code; `…` where another one decides on it, as a table's row. */
function codeOf(node: ts.Expression | undefined): string {
  return node && ts.isStringLiteralLike(node) ? node.text : FILLED_IN;
}

function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function look(source: ts.SourceFile): void {
  const add = (node: ts.Expression | undefined, code: string, part: Text['part'], isRest: boolean): string[] => {
    // A text of gaps alone is made elsewhere, and looked at there.
    const found = node ? textsOf(node).filter((text) => /\p{L}/u.test(text)) : [];
    for (const text of found) texts.push({ at: placeOf(node as ts.Node), code, part, text, isRest });
    return found;
  };

  const lookAtCall = (node: ts.NewExpression | ts.CallExpression): void => {
    const name = node.expression.getText();
    const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
    if (!maker || !node.arguments) return;
    const { code: own, message, hint, isRest = false, isFine = false } = maker;
    const code = typeof own === 'string' ? own : codeOf(node.arguments[own]);
    const messages = add(node.arguments[message], code, 'message', isRest);
    if (messages.length === 0) return;
    const options = hint === undefined ? undefined : node.arguments[hint];
    const given = options && ts.isObjectLiteralExpression(options) ? property(options, 'hint') : options;
    add(given, code, 'hint', false);
    const hasHint = HAVE_A_HINT.has(name) || given !== undefined;
    const says = isFine ? 'nothing' : hint === undefined && !hasHint ? 'message' : 'hint';
    places.push({ at: placeOf(node), code, messages, says, hasHint });
  };

  const lookAtObject = (node: ts.ObjectLiteralExpression): void => {
    const [code, message] = [property(node, 'code'), property(node, 'message')];
    // `custom` is zod's: its message becomes a part of SETTINGS_INVALID.
    if (!code || !message || isText(code, 'custom')) return;
    const isRest = property(node, 'where') !== undefined || isPartOfProblem(node);
    const messages = add(message, codeOf(code), 'message', isRest);
    if (messages.length === 0) return;
    const hint = property(node, 'hint');
    add(hint, codeOf(code), 'hint', false);
    const kind = property(node, 'kind');
    const isOutcome = property(node, 'status') !== undefined || isText(kind, 'reject');
    const says = isText(kind, 'nothing') ? 'nothing' : isOutcome ? 'message' : 'hint';
    places.push({ at: placeOf(node), code: codeOf(code), messages, says, hasHint: hint !== undefined });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) lookAtCall(node);
    if (ts.isObjectLiteralExpression(node)) lookAtObject(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** What a function gives that says of itself that it leaves `where` of a Problem to its caller. */
function isPartOfProblem(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent)
    if (ts.isFunctionLike(at)) return /\bOmit<Problem, 'where'>/.test(at.type?.getText() ?? '');
  return false;
}

sources.forEach(look);

const told = ({ at, code, part, text }: Text) => `${at} ${code} ${part}: ${text}`;

/** A sentence, or a part of one, that asks for something, or says that nothing is asked for. */
const WHAT_TO_DO =
  /(?:^|[.;,] )(?:(?:otherwise|for a new row) )?(?:choose|correct|decide again|give|let|look|nothing has to be done|retry|try again|turn)\b/i;

const saidBy = ({ at, code, messages }: Place) => `${at} ${code}: ${messages.join(' / ')}`;

describe('what users are told', () => {
  it('is found in the source', () => {
    expect(texts.length).toBeGreaterThan(400);
    expect(places.length).toBeGreaterThan(200);
  });

  it('is whole sentences: every message and hint has its full stop', () => {
    // A gap behind a full stop is filled with a whole sentence, or with nothing.
    const isWhole = (text: string) => /[.!?]["')]?(?: ?…)*$/.test(text.trimEnd());
    expect(texts.filter(({ at, text }) => !isWhole(text) && !at.startsWith(JOINED)).map(told)).toEqual([]);
  });

  it('begins with a capital letter, but for what goes on after "Line 3: "', () => {
    expect(texts.filter(({ isRest, text }) => !isRest && /^[a-z]/.test(text.trimStart())).map(told)).toEqual([]);
  });

  it('holds no value of a record and no secret', () => {
    expect(gaps.length).toBeGreaterThan(100);
    const secret =
      /(?:^|\.)(?:\w*[vV]alue|given|record|row|secret|\w+Secret|password|passphrase|privateKey|token)(?:$|[.[])/;
    // The number of a row.
    const harmless = new Set(['where.row']);
    const found = gaps.filter(({ filledIn }) => secret.test(filledIn) && !harmless.has(filledIn));
    expect(found.map(({ at, filledIn }) => `${at} ${filledIn}`)).toEqual([]);
  });

  it('says at every place what can be done, in a hint', () => {
    const hinted = places.filter(({ says }) => says === 'hint');
    expect(hinted.length).toBeGreaterThan(200);
    expect(hinted.filter(({ hasHint }) => !hasHint).map(saidBy)).toEqual([]);
  });

  it('says it in the message itself where an outcome has nothing else', () => {
    const alone = places.filter(({ says }) => says === 'message');
    expect(alone.length).toBeGreaterThan(5);
    expect(alone.filter(({ messages }) => !messages.every((text) => WHAT_TO_DO.test(text))).map(saidBy)).toEqual([]);
  });
});
