import { badRequest } from './errors';
import type { Value } from './schema';

/** How the filter reads a property of the thing it looks at. */
export interface Property<T> {
  readonly kind: 'text' | 'number' | 'boolean' | 'date' | 'guid';
  get(item: T): Value;
}

export interface Filter<T> {
  matches(item: T): boolean;
  /** When every match has one of these values in the property: its name and the values. Saves looking at all rows. */
  readonly only: { readonly property: string; readonly values: readonly string[] } | undefined;
  /** When every match has a date in the property that is not earlier: its name, and the date in milliseconds. */
  readonly since: { readonly property: string; readonly ms: number } | undefined;
}

type Token = { readonly type: 'word' | 'string' | 'value' | 'mark'; readonly text: string };

const TOKEN =
  /\s*(?:'((?:[^']|'')*)'|([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w-]))|([A-Za-z_][\w./]*)|([(),[\]=]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) {
      if (text.slice(at).trim() === '') break;
      throw badRequest(`Syntax error at position ${at} in the filter expression.`);
    }
    if (found[1] !== undefined) tokens.push({ type: 'string', text: found[1].replaceAll("''", "'") });
    else if (found[2] !== undefined) tokens.push({ type: 'value', text: found[2] });
    else if (found[3] !== undefined) tokens.push({ type: 'word', text: found[3] });
    else tokens.push({ type: 'mark', text: found[4] as string });
  }
  return tokens;
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};
const TEXT_FUNCTIONS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
};

/**
 * Parses the part of OData's filter language that the sandbox knows: eq ne gt ge lt le, and or not, parentheses, null,
 * contains startswith endswith, Microsoft.Dynamics.CRM.In. Text is compared without regard to case, and `ne` takes empty
 * values for different, as Dataverse does.
 *
 * @throws Refusal (400, 0x80060888) on anything else; `find` throws for an unknown property.
 */
export function parseFilter<T>(text: string, find: (name: string) => Property<T>): Filter<T> {
  const tokens = tokenize(text);
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const fail = (): never => {
    throw badRequest(`Syntax error in the filter expression near '${peek()?.text ?? 'its end'}'.`);
  };
  const take = (mark?: string): Token => {
    const token = tokens[position];
    if (!token || (mark !== undefined && (token.type !== 'mark' || token.text !== mark))) return fail();
    position++;
    return token;
  };
  const isWord = (word: string): boolean => peek()?.type === 'word' && peek()?.text === word;

  const either = (): Filter<T> => {
    const parts = [both()];
    while (isWord('or')) {
      position++;
      parts.push(both());
    }
    if (parts.length === 1) return parts[0] as Filter<T>;
    const property = parts[0]?.only?.property;
    const joined = parts.every((part) => part.only && part.only.property === property);
    return {
      matches: (item) => parts.some((part) => part.matches(item)),
      only:
        joined && property !== undefined
          ? { property, values: parts.flatMap((part) => part.only?.values ?? []) }
          : undefined,
      since: undefined,
    };
  };
  const both = (): Filter<T> => {
    const parts = [single()];
    while (isWord('and')) {
      position++;
      parts.push(single());
    }
    if (parts.length === 1) return parts[0] as Filter<T>;
    return {
      matches: (item) => parts.every((part) => part.matches(item)),
      only: parts.find((part) => part.only)?.only,
      since: parts.find((part) => part.since)?.since,
    };
  };
  const single = (): Filter<T> => {
    if (isWord('not')) {
      position++;
      const inner = single();
      return { matches: (item) => !inner.matches(item), only: undefined, since: undefined };
    }
    if (peek()?.type === 'mark' && peek()?.text === '(') {
      position++;
      const inner = either();
      take(')');
      return inner;
    }
    const word = take();
    if (word.type !== 'word') return fail();
    if (word.text === 'Microsoft.Dynamics.CRM.In') return membership();
    const textFunction = TEXT_FUNCTIONS[word.text];
    if (textFunction) {
      take('(');
      const property = find(take().text);
      take(',');
      const part = literal(property.kind);
      take(')');
      const wanted = String(part).toLowerCase();
      return {
        matches: (item) => {
          const value = property.get(item);
          return value !== null && textFunction(String(value).toLowerCase(), wanted);
        },
        only: undefined,
        since: undefined,
      };
    }
    return comparison(word.text);
  };
  const membership = (): Filter<T> => {
    take('(');
    take(); // PropertyName
    take('=');
    const name = take().text;
    const property = find(name);
    take(',');
    take(); // PropertyValues
    take('=');
    take('[');
    const values = new Set<string>();
    while (peek()?.text !== ']') {
      values.add(take().text.toLowerCase());
      if (peek()?.text === ',') position++;
    }
    take(']');
    take(')');
    return {
      matches: (item) => values.has(String(property.get(item)).toLowerCase()),
      only: { property: name, values: [...values] },
      since: undefined,
    };
  };
  const comparison = (name: string): Filter<T> => {
    const property = find(name);
    const operator = take().text;
    const wanted = literal(property.kind);
    const equal = (item: T): boolean => {
      const value = property.get(item);
      if (value === null || wanted === null) return value === wanted;
      return order(value, wanted, property.kind) === 0;
    };
    if (operator === 'eq') {
      return {
        matches: equal,
        only: wanted === null ? undefined : { property: name, values: [String(wanted)] },
        since: undefined,
      };
    }
    if (operator === 'ne') return { matches: (item) => !equal(item), only: undefined, since: undefined };
    const test = COMPARISONS[operator];
    if (!test) throw badRequest(`A binary operator with the name '${operator}' is not supported.`);
    if (wanted === null) throw badRequest(`The operator '${operator}' can't be used with null.`);
    return {
      matches: (item) => {
        const value = property.get(item);
        return value !== null && test(order(value, wanted, property.kind));
      },
      only: undefined,
      since:
        property.kind === 'date' && (operator === 'ge' || operator === 'gt')
          ? { property: name, ms: Date.parse(String(wanted)) }
          : undefined,
    };
  };
  const literal = (kind: Property<T>['kind']): Value => {
    const token = take();
    if (token.type === 'word' && token.text === 'null') return null;
    const fits =
      kind === 'text'
        ? token.type === 'string'
        : kind === 'number'
          ? token.type === 'value' && Number.isFinite(Number(token.text))
          : kind === 'boolean'
            ? token.type === 'word' && (token.text === 'true' || token.text === 'false')
            : kind === 'guid'
              ? token.type !== 'word' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(token.text)
              : token.type === 'value' && !Number.isNaN(Date.parse(token.text));
    if (!fits) {
      throw badRequest(`A binary operator with incompatible types was detected near '${token.text}'.`);
    }
    if (kind === 'number') return Number(token.text);
    if (kind === 'boolean') return token.text === 'true';
    return kind === 'guid' ? token.text.toLowerCase() : token.text;
  };

  const filter = either();
  if (position < tokens.length) fail();
  return filter;
}

function order(value: Value, wanted: Value, kind: Property<unknown>['kind']): number {
  if (kind === 'number' || kind === 'boolean') return Number(value) - Number(wanted);
  if (kind === 'date') return Date.parse(String(value)) - Date.parse(String(wanted));
  const a = String(value).toLowerCase();
  const b = String(wanted).toLowerCase();
  return a < b ? -1 : a > b ? 1 : 0;
}
