import type { Readable } from 'node:stream';
import type { SyncError } from '../core/errors';
import type { ListedFile } from '../sync/export/file-stability';
import type { StorageRoom } from '../sync/export/incidents';

/** A file as the server lists it. Its time of change is 0 where the server does not tell it, its size too. */
export interface ServerFile extends ListedFile {
  /** Why the file can't be taken, where that is certain already. */
  readonly fault?: SyncError;
}

/** What the export reader needs of a server. Paths are as the server takes them. */
export interface ExportServer {
  /**
   * The plain files of a folder, and links to such. `wanted` says by the name which of them matter: only these are looked at more closely
   * where the listing alone does not tell what they are.
   *
   * @throws ConfigurationError FOLDER_TOO_LARGE
   */
  list(folder: string, wanted?: (name: string) => boolean): Promise<ServerFile[]>;
  /** undefined when there is no such file. */
  stat(path: string): Promise<ListedFile | undefined>;
  /** A stream of the file's bytes; its errors are ssh2's (see toSftpError), or RetriableError where the server does not respond. */
  read(path: string, options?: { readonly end?: number }): Readable;
  /** Renames; never replaces a file that is there already. */
  move(from: string, to: string): Promise<void>;
  /** An absent file is fine. */
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  writeText(path: string, text: string): Promise<void>;
  /** undefined when the server can't tell. */
  room(folder: string): Promise<StorageRoom | undefined>;
  /** Ends the connection, and never waits longer than a moment for the server to take leave. */
  close(): Promise<void>;
  /** False once the connection was lost or closed. */
  readonly alive: boolean;
}
