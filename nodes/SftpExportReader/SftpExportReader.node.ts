import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import type { ExportServer } from '../../lib/sftp/export-server';
import { concernsOneFile, readWholeFile } from '../../lib/sftp/read-whole-file';
import { failExecution } from '../shared/fail-execution';
import { toNodeError } from '../shared/n8n-errors';
import { processWide } from '../shared/process-wide';
import { getSftpSettings, testCampaignSftpApi } from '../shared/sftp-from-credentials';
import { properties } from './description';
import { readSettings } from './settings';

export class SftpExportReader implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SFTP Export Reader',
    name: 'sftpExportReader',
    icon: { light: 'file:sftpExport.svg', dark: 'file:sftpExport.dark.svg' },
    group: ['input'],
    version: 1,
    subtitle: '={{ $parameter["path"] }}',
    description: 'Reads a file that Adobe Campaign exported to SFTP, once it is found whole, and gives its rows',
    defaults: { name: 'SFTP Export Reader' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: true,
    credentials: [{ name: 'campaignSftpApi', required: true, testedBy: 'testCampaignSftpApi' }],
    properties,
  };

  methods = { credentialTest: { testCampaignSftpApi } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    let connection: ExportServer | undefined;
    try {
      const settings = await getSftpSettings(this);
      const { openSftp } = processWide().surroundings;
      connection = await openSftp(settings, { signal: this.getExecutionCancelSignal() });
      return [await readFiles.call(this, connection)];
    } catch (error) {
      // What arrives here concerns all items (sign-in, host key, lost connection, settings), or "On Error" is set to stop.
      return failExecution(this, error);
    } finally {
      await connection?.close();
    }
  }
}

async function readFiles(this: IExecuteFunctions, connection: ExportServer): Promise<INodeExecutionData[]> {
  const signal = this.getExecutionCancelSignal() ?? new AbortController().signal;
  const clocked = { signal, nowMs: processWide().clock.now() };
  const items: INodeExecutionData[] = [];
  for (let itemIndex = 0; itemIndex < this.getInputData().length; itemIndex++) {
    const pairedItem = { item: itemIndex };
    try {
      const settings = readSettings(this, itemIndex);
      for (const row of await readWholeFile(connection, settings.path, settings, clocked)) {
        items.push({ json: row, pairedItem });
      }
    } catch (error) {
      const failure = toNodeError(this.getNode(), error, itemIndex);
      if (!concernsOneFile(error) || !this.continueOnFail()) throw failure;
      items.push({ json: { error: failure.message }, pairedItem });
    }
  }
  return items;
}
