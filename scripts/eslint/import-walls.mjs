// The rule `project/import-walls`: a file imports only what layers.mjs allows its folder, in whatever form it does so.
import { isBuiltin } from 'node:module';
import { posix, relative } from 'node:path';
import { LAYERS } from './layers.mjs';

/** @typedef {import('eslint').Rule.Node} Node */
/** @typedef {import('./layers.mjs').Layer} Layer */

/**
 * The layer of a file, with the folder that it stands for (`nodes/*` -> `nodes/FieldMapper`).
 *
 * @param {string} file path below the project's folder, with `/`
 * @returns {{ folder: string, layer: Layer } | undefined} undefined for a file in no layer
 */
export function layerOf(file) {
  const parts = posix.dirname(file).split('/');
  for (let length = parts.length; length > 0; length -= 1) {
    const folder = parts.slice(0, length).join('/');
    const anyFolder = [...parts.slice(0, length - 1), '*'].join('/');
    const layer = LAYERS[folder] ?? LAYERS[anyFolder];
    if (layer) return { folder, layer };
  }
  return undefined;
}

/** @type {(path: string, folder: string) => boolean} */
const isWithin = (path, folder) => path === folder || path.startsWith(`${folder}/`);

/**
 * What an import reaches: a path below the project's folder (`../` in front: outside), a package's name, or `node:...`.
 *
 * @param {string} file
 * @param {string} specifier
 */
function targetOf(file, specifier) {
  if (/^\.{1,2}(\/|$)/.test(specifier)) {
    return { path: posix.join(posix.dirname(file), specifier), name: '' };
  }
  if (isBuiltin(specifier)) return { path: '', name: `node:${specifier.replace(/^node:/, '')}` };
  return { path: '', name: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') };
}

/**
 * Whether a file may import something.
 *
 * @param {string} file
 * @param {{ folder: string, layer: Layer }} place the file's layer
 * @param {string} specifier as written
 * @param {boolean} typeOnly
 */
function isAllowed(file, { folder, layer }, specifier, typeOnly) {
  const { path, name } = targetOf(file, specifier);
  const { folders = [], packages = [], typesOf = [] } = layer;
  const types = typeOnly ? typesOf : [];
  if (path) return [folder, ...folders, ...types].some((allowed) => isWithin(path, allowed));
  return [...packages, ...types].some(
    (allowed) => isWithin(name, allowed) || (allowed === 'node:*' && name.startsWith('node:')),
  );
}

/** @param {{ folder: string, layer: Layer }} place */
function allowedIn({ folder, layer: { folders = [], packages = [], typesOf = [] } }) {
  return [folder, ...folders, ...packages, ...typesOf.map((name) => `types of ${name}`)].join(', ');
}

/**
 * Whether a statement brings types alone: `import type {..}`, `import { type A }`, `export type {..} from`.
 *
 * @param {any} node
 */
function bringsTypesAlone(node) {
  if ((node.importKind ?? node.exportKind) === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return (
    specifiers.length > 0 &&
    specifiers.every((/** @type {any} */ each) => (each.importKind ?? each.exportKind) === 'type')
  );
}

/**
 * The text of `'x'` or `` `x` ``; undefined for anything that is computed.
 *
 * @param {any} node
 * @returns {string | undefined}
 */
function textOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TSLiteralType') return textOf(node.literal);
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

/**
 * Whether a call loads a module: `require(..)`, `require.resolve(..)`, `module.require(..)`,
 * `process.getBuiltinModule(..)`.
 *
 * @param {any} callee
 */
function loadsModule(callee) {
  if (callee.type === 'Identifier') return callee.name === 'require';
  if (callee.type !== 'MemberExpression') return false;
  const property = callee.computed ? textOf(callee.property) : callee.property.name;
  const object = callee.object.type === 'Identifier' ? callee.object.name : '';
  return property === 'getBuiltinModule' || object === 'require' || (object === 'module' && property === 'require');
}

/** @type {import('eslint').Rule.RuleModule} */
export const importWalls = {
  meta: {
    type: 'problem',
    docs: { description: 'A folder imports only what scripts/eslint/layers.mjs allows it.' },
    schema: [],
    messages: {
      forbidden:
        '{{folder}} may not import {{specifier}}: {{folder}} {{is}}. ' +
        'It may import: {{allowed}} (scripts/eslint/layers.mjs).',
      computed: '{{folder}} may import only what is named in plain text, so that its imports can be checked.',
      noLayer: 'This folder has no row in scripts/eslint/layers.mjs. Add one that says what it may import.',
    },
  },
  create(context) {
    const file = relative(context.cwd, context.filename).replaceAll('\\', '/');
    const place = layerOf(file);
    if (!place) return { Program: (node) => context.report({ node, messageId: 'noLayer' }) };
    /** @type {(node: any, source: any, typeOnly?: boolean) => void} */
    const check = (node, source, typeOnly = false) => {
      const specifier = textOf(source);
      const data = { folder: place.folder, is: place.layer.is, allowed: allowedIn(place), specifier: specifier ?? '' };
      if (specifier === undefined) context.report({ node, messageId: 'computed', data });
      else if (!isAllowed(file, place, specifier, typeOnly)) context.report({ node, messageId: 'forbidden', data });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, bringsTypesAlone(node)),
      ExportAllDeclaration: (node) => check(node, node.source, bringsTypesAlone(node)),
      ExportNamedDeclaration: (node) => node.source && check(node, node.source, bringsTypesAlone(node)),
      ImportExpression: (node) => check(node, node.source),
      CallExpression: (node) => loadsModule(node.callee) && check(node, node.arguments[0]),
      TSImportEqualsDeclaration: (/** @type {any} */ node) => {
        if (node.moduleReference.type !== 'TSExternalModuleReference') return;
        check(node, node.moduleReference.expression, node.importKind === 'type');
      },
      TSImportType: (/** @type {any} */ node) => check(node, node.source ?? node.argument, true),
    };
  },
};
