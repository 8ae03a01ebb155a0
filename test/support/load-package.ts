import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { plainEnvironment } from '../../sandbox/n8n-host/folders';
import { installN8n } from '../../sandbox/n8n-host/install';
import { removeFolder, temporaryFolder } from '../../sandbox/n8n-host/temporary-folder';

export interface LoadedPackage {
  readonly nodes: ReadonlyArray<{
    name: string;
    displayName: string;
    path: string;
    hasIcon: boolean;
    credentials: string[];
  }>;
  readonly credentials: ReadonlyArray<{ name: string; displayName: string; path: string; hasTest: boolean }>;
  /** Where a file of the package finds a module. */
  readonly resolved: Readonly<Record<string, string>>;
}

/**
 * Loads an installed community package with n8n-core's loader, as n8n does when it starts; in a process of its own.
 *
 * @throws Error with what the loader said when a node or credential does not load.
 */
export async function loadWithN8n(folder: string): Promise<LoadedPackage> {
  const n8nFolder = dirname(dirname(await realpath((await installN8n()).bin)));
  const userFolder = await temporaryFolder('n8n-loader');
  try {
    const env = { ...plainEnvironment(), N8N_USER_FOLDER: userFolder, NODE_PATH: dirname(n8nFolder) };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [join(__dirname, 'package-loader.cjs'), n8nFolder, folder], {
      env,
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as LoadedPackage;
  } finally {
    await removeFolder(userFolder);
  }
}
