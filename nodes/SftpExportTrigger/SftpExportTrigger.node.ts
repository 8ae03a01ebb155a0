import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
  ITriggerFunctions,
  ITriggerResponse,
} from 'n8n-workflow';
import { systemClock } from '../../lib/core/clock';
import { ExportWatcher } from '../../lib/sftp/export-watcher';
import { fileIn } from '../../lib/sftp/remote-path';
import { sampleRows } from '../../lib/sftp/sample-rows';
import { openSftp } from '../../lib/sftp/sftp-connection';
import type { SftpSettings } from '../../lib/sftp/sftp-settings';
import { ConfigurationError, RetriableError } from '../../lib/core/errors';
import { readState, type ExportState } from '../../lib/sync/export/export-state';
import { matchesPattern } from '../../lib/sync/export/file-pattern';
import { oldestFirst } from '../../lib/sync/export/file-stability';
import { toActivationError, toNodeError } from '../shared/n8n-errors';
import { startTrigger, type TriggerStart } from '../shared/start-trigger';
import { getSftpSettings, testCampaignSftpApi } from '../shared/sftp-from-credentials';
import { properties } from './description';
import { readSettings, type ExportTriggerSettings } from './settings';

/** Rows that "Execute step" shows. */
const SAMPLE_ROWS = 10;

export class SftpExportTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SFTP Export Trigger',
    name: 'sftpExportTrigger',
    icon: { light: 'file:sftpExport.svg', dark: 'file:sftpExport.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["folder"] + "/" + $parameter["pattern"] }}',
    description: 'Starts the workflow with the rows of each file that Adobe Campaign exports to SFTP, each file once',
    eventTriggerDescription: 'Waiting for an export',
    activationMessage: 'The trigger now watches the folder. Each batch of rows is one execution.',
    defaults: { name: 'SFTP Export Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'campaignSftpApi', required: true, testedBy: 'testCampaignSftpApi' }],
    triggerPanel: {
      header: 'Look at some rows as the flow will get them',
      executionsHelp: {
        inactive:
          '<b>While you build</b>, click "Execute step": the first rows of the newest file appear, and nothing is moved.<br /><br /><b>When you are done</b>, publish the workflow: every complete file in the folder is processed, each once.',
        active:
          '<b>While you build</b>, click "Execute step": the first rows of the newest file appear, and nothing is moved.<br /><br /><b>The workflow is published</b>: files are processed by themselves. Look at the <a data-key="executions">executions</a> to see how they ended.',
      },
      activationHint: 'Once you have finished building your workflow, publish it to process the files in the folder.',
    },
    properties,
  };

  methods = { credentialTest: { testCampaignSftpApi } };

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    try {
      const settings = readSettings(this);
      const server = await getSftpSettings(this);
      if (this.getMode() === 'manual') {
        return { manualTriggerFunction: async () => await emitSample.call(this, server, settings) };
      }
      return await startTrigger(this, 'sftpExportTrigger', settings, (stored) =>
        begin.call(this, server, settings, stored),
      );
    } catch (error) {
      throw this.getMode() === 'manual' ? toNodeError(this.getNode(), error) : toActivationError(this.getNode(), error);
    }
  }
}

/**
 * What waiting does not mend shows at activation; a server that is only out of reach for now does not keep the trigger from starting.
 */
async function checkServer(server: SftpSettings, settings: ExportTriggerSettings): Promise<void> {
  const reached = await openSftp(server).catch((error: unknown) => {
    if (error instanceof RetriableError) return undefined;
    return Promise.reject(error);
  });
  try {
    await reached?.list(settings.watcher.folder);
  } finally {
    await reached?.close();
  }
}

async function emitSample(
  this: ITriggerFunctions,
  server: SftpSettings,
  settings: ExportTriggerSettings,
): Promise<void> {
  const { folder, pattern, rows } = settings.watcher;
  try {
    const connection = await openSftp(server);
    try {
      const files = (await connection.list(folder))
        .filter(({ name }) => matchesPattern(name, pattern))
        .sort(oldestFirst);
      const newest = files.at(-1);
      if (!newest) {
        throw new ConfigurationError('NO_FILE', `No file in the folder "${folder}" fits the pattern "${pattern}".`, {
          hint: 'Run the export in Adobe Campaign once, or correct folder and pattern.',
        });
      }
      const path = fileIn(folder, newest.name);
      const clocked = { signal: new AbortController().signal, nowMs: systemClock.now() };
      const sample = await sampleRows((range) => connection.read(path, range), newest.name, SAMPLE_ROWS, rows, clocked);
      this.emit([sample.map((row): INodeExecutionData => ({ json: row }))]);
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}

/** Watches the folder from where the stored state says. */
async function begin(
  this: ITriggerFunctions,
  server: SftpSettings,
  settings: ExportTriggerSettings,
  stored: unknown,
): Promise<TriggerStart<ExportState>> {
  await checkServer(server, settings);
  const state = readState(stored, new Date(systemClock.now()).toISOString());
  return {
    state,
    deliveryUntil: state.deliveryUntil,
    run: (host, stop) => {
      const deps = { ...host, connect: () => openSftp(server) };
      return new ExportWatcher(state, settings.watcher, deps, stop).run();
    },
  };
}
