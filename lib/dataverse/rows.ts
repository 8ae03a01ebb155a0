/** A row as Dataverse's JSON has it: columns by name, and annotations under `<column>@<annotation>`. */
export type DataverseRow = Readonly<Record<string, unknown>>;

/** One page of a table, or of its changes. */
export interface Page {
  /** Present rows, each id once: the last state that the server sent for it. */
  readonly rows: readonly DataverseRow[];
  /** Ids (lower case) of rows that are gone, each once. An id may stand among `rows` too: the row's present state decides then. */
  readonly deletions: readonly string[];
  /** There is more of this read. */
  readonly nextLink?: string;
  /** Where the next read of changes starts. Normally on the last page, but taken wherever it stands. */
  readonly deltaLink?: string;
}
