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
import { getDataverseClient } from '../shared/clients-from-credentials';
import { testDynamics365Api } from '../shared/credential-tests';
import { dataverseListSearch, dataverseLoadOptions } from '../shared/drop-downs';
import { describeTable } from '../shared/metadata-cache';
import { deliveryClock, inQueueMode } from '../shared/deliver-batch';
import { toActivationError, toNodeError } from '../shared/n8n-errors';
import { triggerProgress } from '../shared/trigger-progress';
import { checkReplay } from '../../lib/dataverse/check-replay';
import { properties } from './description';
import { runTriggerLoop } from './run-trigger';
import { CHANGED_ON, selectColumns } from '../../lib/dataverse/select-columns';
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
    const stopping = new AbortController();
    try {
      const settings = readSettings(this);
      const client = await getDataverseClient(this);
      const whole = await describeTable(client, settings.table, { refresh: true, signal: stopping.signal });
      const table = selectColumns(whole, settings.columns);
      const besides = whole.columns.some((column) => column.name === CHANGED_ON) ? [CHANGED_ON] : [];
      if (this.getMode() === 'manual') {
        return { manualTriggerFunction: async () => await emitSample.call(this, client, table, besides) };
      }
      return await startLoop.call(this, client, table, { ...settings, besides }, stopping);
    } catch (error) {
      stopping.abort();
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

async function startLoop(
  this: ITriggerFunctions,
  client: Client,
  description: TableDescription,
  settings: TriggerSettings & { readonly besides: readonly string[] },
  stopping: AbortController,
): Promise<ITriggerResponse> {
  const { signal } = stopping;
  const node = this.getNode();
  const progress = triggerProgress.open(
    this.getWorkflowStaticData('global'),
    this.getWorkflow().id ?? 'unsaved',
    `dynamics365Trigger:${node.id}`,
  );
  signal.addEventListener('abort', () => progress.close(), { once: true });
  const stored = parseCheckpoint(progress.stored);
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
  this.logger.info('The Dynamics 365 Trigger starts', {
    workflow: this.getWorkflow().id,
    node: node.name,
    table: checkpoint.table,
    why,
    phase: checkpoint.position.phase,
  });
  const save = (next: Checkpoint) => progress.save(next);
  save(checkpoint);
  const loop = runTriggerLoop(
    this,
    checkpoint,
    {
      trigger: `${this.getWorkflow().id ?? 'unsaved'}:${node.id}`,
      batchSize: settings.batchSize,
      longestPollPauseMs: settings.longestPollPauseMs,
      longestRetryPauseMs: settings.longestRetryPauseMs,
      runMs: settings.runMs,
      queueMode: inQueueMode(),
      signal,
    },
    {
      source: dataverseSource(client, description, { labels: settings.labels, besides: settings.besides }),
      save,
      ...deliveryClock,
    },
  );
  // The loop reports its own end; nothing waits for it here.
  loop.catch((error: unknown) => this.emitError(toNodeError(node, error)));
  return {
    // n8n itself waits for executions under way; the loop starts nothing more once the signal is aborted.
    closeFunction: async () => stopping.abort(new Error('The trigger was stopped')),
  };
}
