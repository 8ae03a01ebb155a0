import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  IDataObject,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
  ITriggerFunctions,
  ITriggerResponse,
} from 'n8n-workflow';
import type { DataverseClient } from '../../lib/dataverse/client';
import { toChange } from '../../lib/dataverse/to-change';
import type { TableDescription } from '../../lib/core/metadata';
import { parseCheckpoint, resume, type Checkpoint } from '../../lib/sync/feed/checkpoint';
import { FeedLoop } from '../../lib/sync/feed/feed-loop';
import { getDataverseClient } from '../shared/clients-from-credentials';
import { CurrentClient } from '../shared/current-client';
import { testDynamics365Api } from '../shared/credential-tests';
import { dataverseListSearch, dataverseLoadOptions } from '../shared/drop-downs';
import { describeTable } from '../shared/metadata-cache';
import { toNodeError } from '../shared/n8n-errors';
import { processWide } from '../shared/process-wide';
import { startTrigger, type TriggerStart } from '../shared/start-trigger';
import { checkReplay } from '../../lib/dataverse/check-replay';
import { properties } from './description';
import { organizationChanged, originOf, presentSource } from './present-source';
import {
  columnsBesides,
  requireChangeTracking,
  securedColumnWarnings,
  selectColumns,
} from '../../lib/dataverse/select-columns';
import { readSettings, type TriggerSettings } from './settings';
import { dataverseSource } from '../../lib/dataverse/change-source';

/** Rows that "Execute step" shows. */
const SAMPLE_ROWS = 10;

export class Dynamics365Trigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Dynamics 365 Trigger',
    name: 'dynamics365Trigger',
    icon: { light: 'file:dynamics365.svg', dark: 'file:dynamics365.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["table"] }}',
    description:
      'Starts the workflow with each created, updated and deleted row of a Dynamics 365 table, and loses none',
    eventTriggerDescription: 'Waiting for changes in Dynamics 365',
    activationMessage:
      'The trigger now reads the table. It delivers batch after batch and moves on only when a run has ended well.',
    defaults: { name: 'Dynamics 365 Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'dynamics365Api', required: true, testedBy: 'testDynamics365Api' }],
    triggerPanel: {
      header: 'Look at some rows as the flow will get them',
      executionsHelp: {
        inactive:
          '<b>While you build</b>, click "Execute step": a few rows of the table appear, and nothing is moved.<br /><br /><b>When you are done</b>, publish the workflow: first all rows are transferred, then every change. Each batch is one execution.',
        active:
          '<b>While you build</b>, click "Execute step": a few rows of the table appear, and nothing is moved.<br /><br /><b>The workflow is published</b>: batches are transferred by themselves. Look at the <a data-key="executions">executions</a> to see how they ended.',
      },
      activationHint:
        'Once you have finished building your workflow, publish it to transfer all rows and then every change.',
    },
    properties,
  };

  methods = {
    listSearch: dataverseListSearch,
    loadOptions: dataverseLoadOptions,
    credentialTest: { testDynamics365Api },
  };

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    if (this.getMode() === 'manual') return { manualTriggerFunction: async () => await emitSample.call(this) };
    const clients = new CurrentClient(() => getDataverseClient(this), processWide().clock);
    return await startTrigger(this, 'dynamics365Trigger', (stored, signal) =>
      begin.call(this, clients, stored, signal),
    );
  }
}

/** The table that is watched, with the columns to read. */
interface Watched {
  readonly settings: TriggerSettings;
  readonly description: TableDescription;
  /** Columns to read that are no part of the record. */
  readonly besides: readonly string[];
}

async function watched(context: ITriggerFunctions, client: DataverseClient, signal?: AbortSignal): Promise<Watched> {
  const settings = readSettings(context);
  const whole = await describeTable(client, settings.table, { refresh: true, signal });
  requireChangeTracking(whole);
  const description = selectColumns(whole, settings.columns, 'Dynamics 365 Trigger');
  return { settings, description, besides: columnsBesides(whole) };
}

async function emitSample(this: ITriggerFunctions): Promise<void> {
  try {
    const client = await getDataverseClient(this);
    const { description, besides } = await watched(this, client);
    const names = [...new Set([...description.columns.map((column) => column.name), ...besides])];
    const rows = await client.sampleRows(description.table, names, SAMPLE_ROWS);
    const items = rows.map((row): INodeExecutionData => ({
      json: toChange(row, description, { initial: true }) as unknown as IDataObject,
    }));
    this.emit([items]);
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}

/** Follows the table from where the stored checkpoint says, or begins with what the settings say. */
async function begin(
  this: ITriggerFunctions,
  clients: CurrentClient<DataverseClient>,
  progress: unknown,
  signal: AbortSignal,
): Promise<TriggerStart<Checkpoint>> {
  return await clients.use(async (client) => {
    const stored = parseCheckpoint(progress);
    const { settings, description, besides } = await watched(this, client, signal);
    const { organizationId } = await client.whoAmI({ signal });
    const organization = originOf(client);
    const { checkpoint, why } = resume(stored, {
      organization,
      organizationId,
      table: description.table.name,
      columns: description.columns.map((column) => column.name),
      replay: settings.replay,
      start: settings.start,
    });
    const warnings = securedColumnWarnings(description);
    if (why === 'replay') {
      const limits = { rows: settings.replayRowLimit, backlog: settings.replayBacklogLimit };
      warnings.push(...(await checkReplay(client, description.table, stored, limits, signal)));
    }
    const source = presentSource(description.table.name, organization, clients, (present) =>
      dataverseSource(present, description, { labels: settings.labels, besides }),
    );
    return {
      state: checkpoint,
      options: settings,
      deliveryUntil: checkpoint.deliveryUntil,
      run: (host, stop) => {
        const { table, position } = checkpoint;
        host.log('info', 'The Dynamics 365 Trigger starts', { table, why, phase: position.phase });
        for (const warning of warnings) host.log('warn', warning, { table });
        if (why === 'other-organization') host.report(organizationChanged(table));
        return new FeedLoop(checkpoint, source, { ...settings, signal: stop }, host).run();
      },
    };
  });
}
