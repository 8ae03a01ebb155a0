import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ICredentialTestFunctions,
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  ITriggerFunctions,
} from 'n8n-workflow';
import { SftpExportReader } from '../../nodes/SftpExportReader/SftpExportReader.node';
import { SftpExportTrigger } from '../../nodes/SftpExportTrigger/SftpExportTrigger.node';
import { startEmbeddedSftp, type EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { processWide } from '../../nodes/shared/process-wide';
import { createDeferredPromise } from '../support/deferred-promise';

jest.setTimeout(60_000);

const node = {
  id: 'node-1',
  name: 'Exports',
  type: 't',
  typeVersion: 1,
  position: [0, 0] as [number, number],
  parameters: {},
};
const COLUMNS = {
  column: [
    { name: 'externalId', type: 'text' },
    { name: 'blackListEmail', type: 'boolean' },
    { name: 'changed', type: 'dateTime', as: 'blackListEmailLastModified' },
  ],
};
const EXPORT = 'externalId;blackListEmail;changed\nA;true;2026/11/21 16:30:00\nB;false;\nC;true;nonsense\n';

let server: EmbeddedSftp;
beforeAll(async () => (server = await startEmbeddedSftp()));
afterAll(async () => await server?.close());
beforeEach(() => {
  server.reset();
  mkdirSync(join(server.folder, 'exports'));
});

const inFolder = (name: string) => join(server.folder, 'exports', name);
const credential = (more: IDataObject = {}): IDataObject => ({
  host: server.host,
  port: server.port,
  user: server.user,
  authentication: 'privateKey',
  privateKey: server.privateKey,
  passphrase: '',
  password: '',
  hostKeyFingerprint: server.fingerprint,
  ...more,
});
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** n8n's trigger context; each emit is answered with the next of `runs`, then with success. */
function triggerContext(options: {
  parameters?: IDataObject;
  credential?: IDataObject;
  mode?: 'manual' | 'trigger';
  staticData?: IDataObject;
  runs?: (string | Error)[];
}) {
  const parameters: IDataObject = {
    folder: 'exports',
    pattern: '*.txt',
    columns: COLUMNS,
    timeZone: 'Europe/Berlin',
    batchSize: 2,
    options: { stableSeconds: 0, pollSeconds: 1, longestRetryPause: 1 },
    storagePercent: 0,
    ...options.parameters,
  };
  const emitted: INodeExecutionData[][] = [];
  const failures: { message: string; level?: string }[] = [];
  const staticData = options.staticData ?? {};
  const stored: unknown[] = [];
  const runs = options.runs ?? [];
  const context = {
    getNode: () => node,
    getMode: () => options.mode ?? 'trigger',
    getActivationMode: () => 'activate',
    getWorkflow: () => ({ id: 'wf', name: 'W', active: true }),
    getWorkflowSettings: () => ({ executionTimeout: 60 }),
    getWorkflowStaticData: () => staticData,
    getCredentials: async () => options.credential ?? credential(),
    getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
    logger: quiet,
    saveFailedExecution: (error: { message: string; level?: string }) => failures.push(error),
    emitError: (error: Error) => failures.push(error),
    helpers: { createDeferredPromise },
    emit: (
      data: INodeExecutionData[][],
      _: unknown,
      done?: { resolve(run: unknown): void; reject(error: Error): void },
    ) => {
      stored.push(JSON.parse(JSON.stringify(staticData)));
      emitted.push(data[0] ?? []);
      const run = runs.shift() ?? 'success';
      if (run instanceof Error) done?.reject(run);
      else done?.resolve({ status: run });
    },
  };
  return { context: context as unknown as ITriggerFunctions, emitted, failures, staticData, stored };
}

describe('the SFTP Export Trigger', () => {
  // Each test begins in a process of its own.
  beforeEach(() => processWide().progress.clear());

  it('delivers the rows of a file as typed items and keeps its progress under the id of the node', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT);
    const n8n = triggerContext({});
    const { closeFunction } = await new SftpExportTrigger().trigger.call(n8n.context);
    await until(() => readdirSync(join(server.folder, 'exports')).includes('processed'));
    await closeFunction?.();
    const items = n8n.emitted.flat().map(({ json }) => json);
    expect(items).toEqual([
      {
        externalId: 'A',
        blackListEmail: true,
        blackListEmailLastModified: '2026-11-21T15:30:00.000Z',
        export: { file: 'a.txt', row: 1 },
        delivery: { trigger: 'wf:node-1', number: 1, attempt: 1, until: expect.any(String) as string },
      },
      expect.objectContaining({ externalId: 'B', blackListEmail: false, blackListEmailLastModified: null }),
      expect.objectContaining({
        blackListEmailLastModified: 'nonsense',
        export: {
          file: 'a.txt',
          row: 3,
          problems: [{ column: 'blackListEmailLastModified', code: 'NOT_A_DATE_TIME' }],
        },
        delivery: expect.objectContaining({ number: 2 }) as object,
      }),
    ]);
    expect(Object.keys(n8n.staticData)).toEqual(['sftpExportTrigger:node-1']);
    expect(n8n.stored.at(-1)).toMatchObject({
      'sftpExportTrigger:node-1': { current: { name: 'a.txt', done: 2, last: true } },
    });
  });

  it('delivers a batch again until its run succeeds, and only then puts the file away', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT);
    const n8n = triggerContext({ runs: ['success', 'error', new Error('timed out'), 'crashed'] });
    const { closeFunction } = await new SftpExportTrigger().trigger.call(n8n.context);
    await until(() => n8n.emitted.length >= 4);
    expect(readdirSync(join(server.folder, 'exports'))).toEqual(['a.txt']);
    await until(() => readdirSync(join(server.folder, 'exports')).includes('processed'));
    await closeFunction?.();
    const seen = n8n.emitted.map(([first]) => [
      first?.json['externalId'],
      (first?.json['delivery'] as IDataObject)['attempt'],
    ]);
    expect(seen).toEqual([
      ['A', 1],
      ['C', 1],
      ['C', 2],
      ['C', 3],
      ['C', 4],
    ]);
  });

  it('goes on from the stored progress', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT);
    const first = triggerContext({ runs: ['success', 'error'] });
    const started = await new SftpExportTrigger().trigger.call(first.context);
    await until(() => first.emitted.length >= 2);
    await started.closeFunction?.();
    const second = triggerContext({ staticData: first.stored[1] as IDataObject });
    const again = await new SftpExportTrigger().trigger.call(second.context);
    await until(() => second.emitted.length >= 1);
    await again.closeFunction?.();
    expect(second.emitted.flat().map(({ json }) => json['externalId'])).toEqual(['C']);
  });

  it('shows the first rows of the newest file in the editor, and moves and stores nothing', async () => {
    writeFileSync(inFolder('new.txt'), EXPORT.slice(0, -1));
    const n8n = triggerContext({ mode: 'manual' });
    const { manualTriggerFunction } = await new SftpExportTrigger().trigger.call(n8n.context);
    await manualTriggerFunction?.();
    expect(n8n.emitted.flat().map(({ json }) => json['externalId'])).toEqual(['A', 'B', 'C']);
    expect(readdirSync(join(server.folder, 'exports'))).toEqual(['new.txt']);
    expect(n8n.staticData).toEqual({});
  });

  it('says in the editor when there is no file', async () => {
    const { manualTriggerFunction } = await new SftpExportTrigger().trigger.call(
      triggerContext({ mode: 'manual' }).context,
    );
    await expect(manualTriggerFunction?.()).rejects.toThrow(
      'No file in the folder "exports" fits the pattern "*.txt".',
    );
  });

  it.each<[string, { parameters?: IDataObject; credential?: IDataObject; staticData?: IDataObject }, string]>([
    ['an absent folder', { parameters: { folder: 'nowhere' } }, 'Could not list the folder "nowhere"'],
    ['a fingerprint that is not set', { credential: { hostKeyFingerprint: '' } }, 'SHA256:'],
    [
      'another fingerprint',
      { credential: { hostKeyFingerprint: `SHA256:${'A'.repeat(43)}` } },
      'not the one set in the credential',
    ],
    ['an unknown time zone', { parameters: { timeZone: 'Mars' } }, 'timeZone: is no time zone'],
    [
      'a date-time format that means nothing',
      { parameters: { format: { dateTimeFormat: 'DD.MM.' } } },
      'needs YYYY, MM and DD',
    ],
    ['done files put where they are found', { parameters: { doneFolder: './' } }, 'doneFolder: is the watched folder'],
    [
      'stored progress that can not be read',
      { staticData: { 'sftpExportTrigger:node-1': { version: 9 } } },
      'can not be read',
    ],
  ])('is not activated with %s', async (_, wrong, message) => {
    const options = wrong.credential ? { credential: credential(wrong.credential) } : wrong;
    await expect(new SftpExportTrigger().trigger.call(triggerContext(options).context)).rejects.toThrow(message);
  });
});

describe('the SFTP Export Reader', () => {
  function executeContext(parameters: IDataObject, more: { continueOnFail?: boolean; paths?: string[] } = {}) {
    const paths = more.paths ?? ['exports/a.txt'];
    const all: IDataObject = { columns: COLUMNS, timeZone: 'UTC', ...parameters };
    return {
      getNode: () => node,
      getInputData: () => paths.map((path) => ({ json: { path } })),
      getCredentials: async () => credential(),
      getNodeParameter: (name: string, item: number, fallback: unknown) =>
        name === 'path' ? paths[item] : (all[name] ?? fallback),
      getExecutionCancelSignal: () => undefined,
      continueOnFail: () => more.continueOnFail ?? false,
      getExecuteData: () => ({ node: { ...node } }),
      logger: quiet,
    } as unknown as IExecuteFunctions;
  }
  const read = async (...args: Parameters<typeof executeContext>) =>
    (await new SftpExportReader().execute.call(executeContext(...args)))[0] ?? [];

  it('gives all rows of each file with the item they come from', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT);
    writeFileSync(inFolder('b.txt'), EXPORT.split('\n').slice(0, 2).join('\n').concat('\n'));
    const items = await read({}, { paths: ['exports/a.txt', 'exports/b.txt'] });
    expect(items.map(({ json, pairedItem }) => [json['externalId'], pairedItem])).toEqual([
      ['A', { item: 0 }],
      ['B', { item: 0 }],
      ['C', { item: 0 }],
      ['A', { item: 1 }],
    ]);
  });

  it('fails over the row limit, or gives the first rows where that is set', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT);
    await expect(read({ limit: 2 })).rejects.toThrow('has 3 rows; the limit is 2');
    await expect(read({ limit: 2, whenMore: 'first' })).resolves.toHaveLength(2);
    await expect(read({ limit: 3 })).resolves.toHaveLength(3);
  });

  it('gives no row of a torn file, and with "continue" goes on with the next', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT.slice(0, -3));
    writeFileSync(inFolder('b.txt'), EXPORT);
    await expect(read({})).rejects.toThrow('cut off');
    const items = await read(
      {},
      { continueOnFail: true, paths: ['exports/a.txt', 'exports/absent.txt', 'exports/b.txt'] },
    );
    expect(items.map(({ json }) => json['error'] ?? json['externalId'])).toEqual([
      expect.stringContaining('cut off'),
      expect.stringContaining('no such file'),
      'A',
      'B',
      'C',
    ]);
  });

  it('with "continue" goes on with the next file when the server does not give one', async () => {
    writeFileSync(inFolder('a.txt'), EXPORT);
    writeFileSync(inFolder('b.txt'), EXPORT);
    server.faults.refuse = [{ step: 'READ', status: 4, name: 'a.txt' }];
    const items = await read({}, { continueOnFail: true, paths: ['exports/a.txt', 'exports/b.txt'] });
    expect(items.map(({ json }) => json['error'] ?? json['externalId'])).toEqual([
      expect.stringContaining('Could not read "exports/a.txt"'),
      'A',
      'B',
      'C',
    ]);
  });
});

describe('the test of the credential', () => {
  const test = async (more: IDataObject) => {
    const { testCampaignSftpApi } = new SftpExportTrigger().methods.credentialTest;
    const decrypted = { id: '1', name: 'c', type: 'campaignSftpApi', data: credential(more) as never };
    return await testCampaignSftpApi.call({} as ICredentialTestFunctions, decrypted);
  };

  it('passes with the pinned host key', async () => {
    await expect(test({})).resolves.toMatchObject({ status: 'OK' });
  });

  it.each([
    ['no fingerprint', { hostKeyFingerprint: '' }],
    ['another fingerprint', { hostKeyFingerprint: `SHA256:${'A'.repeat(43)}` }],
  ])('fails with %s and shows the one to be pinned', async (_, more) => {
    const result = await test(more);
    expect(result.status).toBe('Error');
    expect(result.message).toContain(server.fingerprint);
  });

  it('fails with a wrong password and does not repeat it', async () => {
    const result = await test({ authentication: 'password', password: 'wrong-secret' });
    expect(result.status).toBe('Error');
    expect(result.message).not.toContain('wrong-secret');
  });
});
