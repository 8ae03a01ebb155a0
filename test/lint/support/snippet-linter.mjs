// The other half of wall-messages.ts: lints texts as if they stood in files of the project, with the project's own
// settings, and prints what the rule `project/import-walls` says of each. Input on stdin and output are
// JSON, in the shapes of wall-messages.ts.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

/** @typedef {import('./wall-messages.js').Snippet} Snippet */

const eslint = new ESLint({
  // Rules that need types are of no interest here, and refuse a file that does not exist.
  overrideConfig: /** @type {any} */ ({ ...tseslint.configs.disableTypeChecked, files: ['**/*'] }),
});
/** @type {Snippet[]} */
const snippets = JSON.parse(await text(process.stdin));
const messages = [];
for (const { file, code } of snippets) {
  const [result] = await eslint.lintText(code, { filePath: file });
  const failure = result?.messages.find(({ fatal }) => fatal);
  if (failure) throw new Error(`${file}: ${failure.message}\n${code}`);
  messages.push(
    result?.messages.filter(({ ruleId }) => ruleId === 'project/import-walls').map(({ message }) => message) ?? [],
  );
}
process.stdout.write(JSON.stringify(messages));
