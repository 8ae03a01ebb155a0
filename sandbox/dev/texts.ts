import type { N8nHandle } from '../n8n-host/start-n8n';

const MOST_NAMED = 5;
/** Up to the first place of the stack, which is the one that threw. */
const FAILURE_LINES = 8;

/** Where everything is, once n8n is ready. */
export function welcome(
  { url, owner, logFile, userFolder }: Pick<N8nHandle, 'url' | 'owner' | 'logFile' | 'userFolder'>,
  { controlUrl, inspect }: { readonly controlUrl: string | undefined; readonly inspect: number | undefined },
): string {
  return `
  n8n is ready: ${url}
  Log in with   ${owner.email}
  Password      ${owner.password}
  n8n's log     ${logFile}
  n8n's data    ${userFolder}
${controlUrl ? `  Sandbox       ${controlUrl} (faults, changes, dumps: sandbox/README.md)\n` : ''}${
    inspect === undefined ? '' : `  Debugger      127.0.0.1:${inspect}\n`
  }
Watching nodes, lib, credentials and templates. Ctrl-C ends everything.`;
}

/** What was saved, as one line. */
export function changedLine(files: readonly string[]): string {
  return `\nChanged: ${listed(files)}`;
}

/** What was built from it. @param files as they lie in the package; none when n8n had ended by itself */
export function rebuiltLine(files: readonly string[], ms: number): string {
  const what = files.length
    ? `Rebuilt ${files.length} ${files.length === 1 ? 'file' : 'files'} in ${(ms / 1000).toFixed(1)} s: ${listed(files)}`
    : 'n8n had ended';
  return `${what}. n8n restarts ...`;
}

/** What n8n's log says of a package that could not be loaded at its latest start; empty where it says nothing. */
export function loadFailure(log: string): string {
  const lines = log.slice(log.lastIndexOf('Initializing n8n process')).split('\n');
  const first = lines.findIndex((line) => line.startsWith('Failed to load package'));
  return first < 0 ? '' : lines.slice(first, first + FAILURE_LINES).join('\n');
}

function listed(files: readonly string[]): string {
  const more = files.length - MOST_NAMED;
  return [...files.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
