import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
  ITriggerFunctions,
  ITriggerResponse,
} from 'n8n-workflow';
import { ExportWatcher } from '../../lib/sftp/export-watcher';
import { fileIn } from '../../lib/sftp/remote-path';
import { sampleRows } from '../../lib/sftp/sample-rows';
import type { SftpSettings } from '../../lib/sftp/sftp-settings';
import { ConfigurationError } from '../../lib/core/errors';
import { readState, type ExportState } from '../../lib/sync/export/export-state';
import { matchesPattern } from '../../lib/sync/export/file-pattern';
import { oldestFirst } from '../../lib/sync/export/file-stability';
import { isSomebodyLooking, isWrongSetting } from '../shared/activation';
import { toNodeError } from '../shared/n8n-errors';
import { processWide } from '../shared/process-wide';
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
    if (this.getMode() === 'manual') return { manualTriggerFunction: async () => await emitSample.call(this) };
    return await startTrigger(this, 'sftpExportTrigger', (stored) => begin.call(this, stored));
  }
}

/** What only another setting mends shows while somebody looks; whatever else is in the way is an alarm of the watcher. */
async function checkServer(server: SftpSettings, settings: ExportTriggerSettings): Promise<void> {
  await listFolder(server, settings.watcher.folder).catch((error: unknown) => {
    if (isWrongSetting(error)) throw error;
  });
}

async function listFolder(server: SftpSettings, folder: string): Promise<void> {
  const connection = await processWide().surroundings.openSftp(server, {});
  try {
    await connection.list(folder, () => false);
  } finally {
    await connection.close();
  }
}

async function emitSample(this: ITriggerFunctions): Promise<void> {
  try {
    const settings = readSettings(this);
    const { folder, pattern, rows } = settings.watcher;
    const server = await getSftpSettings(this);
    const connection = await processWide().surroundings.openSftp(server, {});
    try {
      const fits = (name: string) => matchesPattern(name, pattern);
      const files = (await connection.list(folder, fits))
        .filter(({ name, fault }) => fits(name) && fault === undefined)
        .sort(oldestFirst);
      const newest = files.at(-1);
      if (!newest) {
        throw new ConfigurationError('NO_FILE', `No file in the folder "${folder}" fits the pattern "${pattern}".`, {
          hint: 'Run the export in Adobe Campaign once, or correct folder and pattern.',
        });
      }
      const path = fileIn(folder, newest.name);
      const clocked = { signal: new AbortController().signal, nowMs: processWide().clock.now() };
      const sample = await sampleRows((range) => connection.read(path, range), newest.name, SAMPLE_ROWS, rows, clocked);
      this.emit([sample.map((row): INodeExecutionData => ({ json: row }))]);
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}

/** Watches the folder from where the stored state says, with the credential as it is at each connection. */
async function begin(this: ITriggerFunctions, stored: unknown): Promise<TriggerStart<ExportState>> {
  const settings = readSettings(this);
  const server = await getSftpSettings(this);
  if (isSomebodyLooking(this.getActivationMode())) await checkServer(server, settings);
  const { surroundings } = processWide();
  const state = readState(stored, new Date(processWide().clock.now()).toISOString());
  return {
    state,
    options: settings,
    deliveryUntil: state.deliveryUntil,
    run: (host, stop) => {
      const deps = {
        ...host,
        connect: async () => await surroundings.openSftp(await getSftpSettings(this), { signal: stop }),
      };
      return new ExportWatcher(state, settings.watcher, deps, stop).run();
    },
  };
}
