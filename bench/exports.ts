import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../sandbox/n8n-host/folders';
import type { Credential, WorkflowJson } from '../sandbox/n8n-host/rest';
import { sandboxCredentials } from '../sandbox/n8n-host/sandbox-credentials';
import { runInN8n, type MemoryUse } from './n8n-run';
import { chain, filter, node } from './stock-workflow';
import { Systems } from './systems';

const TEMPLATE = join(projectRoot, 'templates', 'campaign-to-dynamics.json');
/** One row in so many is an event that is written to Dynamics 365; the others are soft bounces, which the flow leaves out. */
const ROWS_PER_EVENT = 1_000;
const CONTACTS = 100;
const STALLED_AFTER_MS = 900_000;

export interface ExportRun {
  readonly rows: number;
  readonly megabytes: number;
  /** From the start of the workflow until the file was put away, or answered for. */
  readonly seconds: number;
  readonly cpuMicrosPerRow: number;
  readonly memory: MemoryUse;
}

interface Started {
  readonly systems: Systems;
  readonly file: string;
  readonly folder: string;
  readonly megabytes: number;
}

async function withExport<T>(rows: number, work: (started: Started) => Promise<T>): Promise<T> {
  const systems = await Systems.start(CONTACTS, 5);
  try {
    const folder = systems.connection.sftp?.localFolder;
    if (folder === undefined) throw new Error('The sandbox has no SFTP storage.');
    const contacts = (await systems.contacts()).map((contact) => String(contact['contactid']));
    const file = 'deliverylog_bench.txt';
    return await work({ systems, file, folder, megabytes: await writeDeliveryLog(folder, file, rows, contacts) });
  } finally {
    await systems.close();
  }
}

/**
 * One export of the delivery log through the template in a real n8n: read twice over SFTP, checked, typed, made into events, its few events
 * written, the file put away.
 *
 * @throws Error when not every event arrived
 */
export async function runExport(rows: number, progress: (line: string) => void): Promise<ExportRun> {
  return await withExport(rows, async ({ systems, file, folder, megabytes }) => {
    const workflow = JSON.parse(await readFile(TEMPLATE, 'utf8')) as WorkflowJson;
    for (const { type, parameters } of workflow.nodes) {
      if (type.endsWith('.sftpExportTrigger'))
        Object.assign(parameters, { options: { stableSeconds: 1, pollSeconds: 1 } });
    }
    const { cpuMs, memory, startedAt, result } = await runInN8n({
      workflow,
      credentials: sandboxCredentials(systems.connection),
      progress,
      start: async (n8n, id) => await n8n.rest.publish(id),
      ended: async (sample) => {
        await until(() => existsSync(join(folder, 'processed', file)), sample);
        return Date.now();
      },
    });
    const sends = (await systems.rows('xyz_acxsnd')) / Math.ceil(rows / ROWS_PER_EVENT);
    if (sends !== 1) throw new Error(`${sends} of the events arrived.`);
    return { rows, megabytes, seconds: (result - startedAt) / 1000, cpuMicrosPerRow: (cpuMs * 1000) / rows, memory };
  });
}

/** What a user would build without our nodes: the FTP node downloads the file, Extract from File makes items of it, a filter takes the events. */
export async function runStockExport(rows: number, progress: (line: string) => void): Promise<ExportRun> {
  return await withExport(rows, async ({ systems, file, megabytes }) => {
    const { sftp } = systems.connection;
    if (!sftp) throw new Error('The sandbox has no SFTP storage.');
    const credential: Credential = {
      name: 'SFTP',
      type: 'sftp',
      data: {
        host: sftp.host,
        port: sftp.port,
        username: sftp.user,
        password: '',
        privateKey: sftp.privateKey,
        passphrase: '',
      },
    };
    const download = { protocol: 'sftp', operation: 'download', path: `${sftp.folder}/${file}`, options: {} };
    const workflow = chain('Stock nodes', [
      node('Start', 'webhook', 2, { path: 'bench', httpMethod: 'GET', responseMode: 'lastNode', options: {} }, 'start'),
      { ...node('FTP', 'ftp', 1, download), credentials: { sftp: { id: null, name: 'SFTP' } } },
      node('Extract from File', 'extractFromFile', 1, { operation: 'csv', options: { delimiter: '\t' } }),
      filter('Events', '={{ $json.status }}', '1', { type: 'string', operation: 'equals' }),
      node('Count', 'aggregate', 1, {
        fieldsToAggregate: { fieldToAggregate: [{ fieldToAggregate: 'id' }] },
        options: {},
      }),
    ]);
    let response: Promise<{ readonly id?: readonly unknown[] }> | undefined;
    const { cpuMs, memory, startedAt, result } = await runInN8n({
      workflow,
      credentials: [credential],
      progress,
      start: async (n8n, id) => {
        await n8n.rest.publish(id);
        response = n8n.rest.waitFor(
          'the webhook of the stock nodes',
          async () => {
            const reply = await fetch(`${n8n.url}/webhook/bench`);
            return reply.ok && ((await reply.json()) as { readonly id?: readonly unknown[] });
          },
          STALLED_AFTER_MS,
        );
      },
      ended: async (sample) => {
        let done = false;
        const events = response?.finally(() => (done = true));
        await until(() => done, sample);
        return { events: (await events)?.id?.length ?? 0, at: Date.now() };
      },
    });
    if (result.events !== Math.ceil(rows / ROWS_PER_EVENT))
      throw new Error(`The stock nodes found ${result.events} events.`);
    return { rows, megabytes, seconds: (result.at - startedAt) / 1000, cpuMicrosPerRow: (cpuMs * 1000) / rows, memory };
  });
}

async function until(done: () => boolean, sample: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + STALLED_AFTER_MS;
  while (!done()) {
    if (Date.now() > deadline) throw new Error(`The file was not done after ${STALLED_AFTER_MS / 1000} s.`);
    await sample();
    await sleep(250);
  }
}

/** @returns its size in megabytes */
async function writeDeliveryLog(
  folder: string,
  file: string,
  rows: number,
  contacts: readonly string[],
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, file);
  const stream = createWriteStream(`${path}.tmp`);
  const columns = 'id externalId campaignLabel deliveryLabel status failureType eventDate'.split(' ');
  let text = `${columns.join('\t')}\n`;
  for (let row = 0; row < rows; row++) {
    const event = row % ROWS_PER_EVENT === 0;
    const codes = event ? '1\t0' : '2\t1';
    text += `${1_000_000 + row}\t${contacts[row % contacts.length]}\tSpring Größe\tDM${row % 97}\t${codes}\t2026-11-21 10:00:00.000Z\n`;
    if (text.length < 1_000_000) continue;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  }
  stream.end(text);
  await finished(stream);
  await rename(`${path}.tmp`, path);
  return stream.bytesWritten / 2 ** 20;
}
