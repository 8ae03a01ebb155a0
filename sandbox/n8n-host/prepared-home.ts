import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { freePort } from '../free-port';
import { buildOnce } from './build-once';
import { cacheFolder } from './folders';
import type { InstalledN8n } from './install';
import { ENCRYPTION_KEY, OWNER, START_TIMEOUT_MS, n8nEnvironment } from './n8n-environment';
import { N8nProcess } from './n8n-process';
import { N8nRest } from './rest';
import { removeFolder, temporaryFolder } from './temporary-folder';

/**
 * A `.n8n` folder with a migrated database and its owner, made by starting n8n once. Copying it saves the six seconds of
 * migrations at every start.
 */
export async function preparedHome(installed: InstalledN8n, progress: (line: string) => void): Promise<string> {
  const hash = createHash('sha256')
    .update(JSON.stringify([OWNER, ENCRYPTION_KEY]))
    .digest('hex')
    .slice(0, 8);
  return await buildOnce(join(cacheFolder(), `home-${basename(installed.folder)}-${hash}`), async (temporary) => {
    progress('Preparing the database of n8n (once) ...');
    const port = await freePort();
    const work = await temporaryFolder('n8n-home');
    const n8n = new N8nProcess({
      bin: installed.bin,
      args: ['start'],
      env: await n8nEnvironment(work, port),
      cwd: work,
      logFile: join(work, 'n8n.log'),
      removeFolder: work,
    });
    try {
      await n8n.waitUntilAnswers(`http://127.0.0.1:${port}/healthz/readiness`, START_TIMEOUT_MS);
      await new N8nRest(`http://127.0.0.1:${port}`, OWNER).setUpOwner();
      await n8n.stop(60_000);
      for (const file of ['database.sqlite', 'database.sqlite-wal', 'config']) {
        const source = join(work, '.n8n', file);
        if (existsSync(source)) await copyFile(source, join(temporary, file));
      }
    } finally {
      await n8n.kill();
      await removeFolder(work);
    }
  });
}
