import type { ExportState } from '../sync/export/export-state';

/** The state of a watcher; whoever works for it sees the present one, and each change is kept at once. */
export class StateStore {
  /** @param save keeps a state; n8n saves it with the next emit */
  constructor(
    private state: ExportState,
    private readonly save: (state: ExportState) => void,
  ) {}

  get present(): ExportState {
    return this.state;
  }

  update(change: Partial<ExportState>): void {
    this.state = { ...this.state, ...change };
    this.save(this.state);
  }
}
