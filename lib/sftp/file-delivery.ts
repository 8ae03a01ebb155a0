import type { Batch } from '../sync/delivery/trigger-host';
import type { CurrentFile } from '../sync/export/export-state';
import type { ListedFile } from '../sync/export/file-stability';
import type { ExportServer } from './export-server';
import { factsOf } from './file-inspector';
import type { Inspection } from './inspect-file';
import { readBatches } from './read-batches';
import { fileIn } from './remote-path';
import { RowItems } from './row-items';
import { toSftpError } from './sftp-errors';
import type { StateStore } from './state-store';
import type { WatcherDeps, WatcherSettings } from './watcher-settings';

/** Delivers the rows of a file, batch after batch, and keeps how far it is. */
export class FileDelivery {
  /** The last error that came from the receiver of a batch. */
  private ofTheRun: unknown;

  constructor(
    private readonly state: StateStore,
    private readonly settings: Pick<WatcherSettings, 'folder' | 'rows' | 'batchSize'>,
    private readonly deps: Pick<WatcherDeps, 'deliver' | 'log' | 'clock'>,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Delivers the rows after `done`; resolves once all of them were accepted.
   *
   * @throws SyncError
   */
  async deliver(server: ExportServer, file: ListedFile, inspection: Inspection, done: number): Promise<void> {
    const { folder, rows: settings, batchSize } = this.settings;
    const facts = { file: file.name, rows: inspection.rows, oddRows: inspection.oddRows };
    this.deps.log('info', done > 0 ? 'Going on with an export file' : 'Processing an export file', { ...facts, done });
    const items = new RowItems(file.name, inspection, settings, this.deps.clock.now());
    const { rows } = inspection;
    let current: CurrentFile = { ...factsOf(file, inspection), rows, done, last: false };
    const path = fileIn(folder, file.name);
    const save = (deliveryUntil: string | null, delivery: number) =>
      this.state.update({ current, delivery, deliveryUntil });
    const batches = readBatches((range) => server.read(path, range), inspection, settings.file, {
      done,
      batchSize,
      signal: this.signal,
    });
    try {
      for await (const batch of batches) {
        const upTo = batch[batch.length - 1]?.number ?? current.done;
        current = { ...current, last: upTo >= rows };
        const records = batch.map((row) => items.item(row));
        const delivery = this.state.present.delivery + 1;
        await this.handOver({ number: delivery, records, onEmit: (untilIso) => save(untilIso, delivery) });
        current = { ...current, done: upTo };
        save(null, delivery);
      }
    } catch (error) {
      const fault = toSftpError(error, `read "${path}"`);
      if (error === this.ofTheRun) this.ofTheRun = fault;
      throw fault;
    }
    this.deps.log('info', 'An export file is done', facts);
    if (items.inTheFuture.size > 0) {
      this.deps.log(
        'warn',
        'Times in an export file lie in the future; is the time zone of the node that of the export?',
        {
          file: file.name,
          columns: [...items.inTheFuture],
        },
      );
    }
  }

  /** True for an error that came from the receiver of a batch, and has nothing to do with the file. */
  isOfTheRun(error: unknown): boolean {
    return error !== undefined && error === this.ofTheRun;
  }

  private async handOver(batch: Batch): Promise<void> {
    try {
      await this.deps.deliver(batch);
    } catch (error) {
      this.ofTheRun = error;
      throw error;
    }
  }
}
