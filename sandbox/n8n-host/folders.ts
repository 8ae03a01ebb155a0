import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The project's folder. */
export const projectRoot = join(__dirname, '..', '..');

/** What is dear to make and worth keeping between runs: the installed n8n, packed packages. A user's cache folder. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'n8n-nodes-dynamics-campaign');
}

/**
 * The folder with the headers of the running Node (`include/node`), for building native add-ons; undefined where there is none.
 * Node of the npm package `node` has them beside the binary's own package, others beside `bin`.
 */
export function nodeHeadersFolder(): string | undefined {
  const besideBinary = dirname(dirname(process.execPath));
  const candidates = [
    besideBinary,
    join(besideBinary, 'node_modules', `node-${process.platform}-${process.arch}`),
    join(projectRoot, 'node_modules', 'node', 'node_modules', `node-${process.platform}-${process.arch}`),
  ];
  return candidates.find((folder) => existsSync(join(folder, 'include', 'node', 'node.h')));
}

/** The variables that child processes get; npm's own (`npm_config_ignore_scripts`, `NODE_ENV` of a test runner) stay behind. */
export function plainEnvironment(): Record<string, string> {
  const kept =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|XDG_CACHE_HOME|XDG_DATA_HOME|SSL_CERT_.*|NODE_EXTRA_CA_CERTS|.*_proxy|.*_PROXY)$/;
  // Where npm finds packages; not what it does with them (ignore_scripts, nodedir).
  const kinds = /^npm_config_(registry|userconfig|ca|cafile|strict_ssl|cache|proxy|https_proxy|noproxy)$/i;
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (kept.test(name) || kinds.test(name))) environment[name] = value;
  }
  environment['PATH'] = `${dirname(process.execPath)}:${environment['PATH'] ?? ''}`;
  return environment;
}
