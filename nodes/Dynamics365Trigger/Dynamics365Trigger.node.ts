import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  IDataObject,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
  ITriggerFunctions,
  ITriggerResponse,
} from 'n8n-workflow';
import { toChange } from '../../lib/dataverse/to-change';
import type { TableDescription } from '../../lib/core/metadata';
import { parseCheckpoint, resume, type Checkpoint } from '../../lib/sync/feed/checkpoint';
import { FeedLoop } from '../../lib/sync/feed/feed-loop';
import { getDataverseClient } from '../shared/clients-from-credentials';
import { testDynamics365Api } from '../shared/credential-tests';
import { dataverseListSearch, dataverseLoadOptions } from '../shared/drop-downs';
import { describeTable } from '../shared/metadata-cache';
import { toActivationError, toNodeError } from '../shared/n8n-errors';
import { startTrigger, type TriggerStart } from '../shared/start-trigger';
import { checkReplay } from '../../lib/dataverse/check-replay';
import { properties } from './description';
import { columnsBesides, requireChangeTracking, selectColumns } from '../../lib/dataverse/select-columns';
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
    try {
      const settings = readSettings(this);
      const client = await getDataverseClient(this);
      const whole = await describeTable(client, settings.table, { refresh: true });
      requireChangeTracking(whole);
      const table = selectColumns(whole, settings.columns, 'Dynamics 365 Trigger');
      const besides = columnsBesides(whole);
      if (this.getMode() === 'manual') {
        return { manualTriggerFunction: async () => await emitSample.call(this, client, table, besides) };
      }
      return await startTrigger(this, 'dynamics365Trigger', { ...settings, allClear: 'log' }, (stored, signal) =>
        begin.call(this, client, table, { ...settings, besides }, stored, signal),
      );
    } catch (error) {
      throw this.getMode() === 'manual' ? toNodeError(this.getNode(), error) : toActivationError(this.getNode(), error);
    }
  }
}

type Client = Awaited<ReturnType<typeof getDataverseClient>>;

async function emitSample(
  this: ITriggerFunctions,
  client: Client,
  description: TableDescription,
  besides: readonly string[],
): Promise<void> {
  const { table, columns } = description;
  try {
    const names = [...new Set([...columns.map((column) => column.name), ...besides])];
    const rows = await client.sampleRows(table, names, SAMPLE_ROWS);
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
  client: Client,
  description: TableDescription,
  settings: TriggerSettings & { readonly besides: readonly string[] },
  progress: unknown,
  signal: AbortSignal,
): Promise<TriggerStart<Checkpoint>> {
  const stored = parseCheckpoint(progress);
  const { checkpoint, why } = resume(stored, {
    organization: new URL(client.credential.url).origin,
    table: description.table.name,
    columns: description.columns.map((column) => column.name),
    replay: settings.replay,
    start: settings.start,
  });
  if (why === 'replay') {
    const limits = { rows: settings.replayRowLimit, backlog: settings.replayBacklogLimit };
    await checkReplay(client, description.table, stored, limits, signal);
  }
  const source = dataverseSource(client, description, { labels: settings.labels, besides: settings.besides });
  return {
    state: checkpoint,
    deliveryUntil: checkpoint.deliveryUntil,
    run: (host, stop) => {
      const { table, position } = checkpoint;
      host.log('info', 'The Dynamics 365 Trigger starts', { table, why, phase: position.phase });
      return new FeedLoop(checkpoint, source, { ...settings, signal: stop }, host).run();
    },
  };
}
