import type { Clock } from '../core/clock';
import type { SyncError } from '../core/errors';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { planColumns } from '../sync/export/column-plan';
import { fileMark, type FileFacts } from '../sync/export/finished-files';
import { signatureOf, type ListedFile } from '../sync/export/file-stability';
import type { ExportServer } from './export-server';
import { FileDoubts } from './file-doubts';
import { inspectFile, type Inspection } from './inspect-file';
import { fileIn } from './remote-path';
import { toSftpError } from './sftp-errors';
import type { WatcherSettings } from './watcher-settings';

/** What was found in a file of which the server tells no time holds for so long. */
const KNOWN_WITHOUT_TIME_MS = 900_000;

/** `changing`: the file is still being written, or was replaced meanwhile. */
export type Found = Inspection | { readonly broken: SyncError } | 'changing';

/** Reads each stable file through once, and knows what was found in it as long as it lies in the folder unchanged. */
export class FileInspector {
  /** By signature, so that the files are not read at each look. */
  private found = new Map<string, Inspection & ListedFile & { readonly untilMs: number }>();
  private readonly doubts: FileDoubts;

  constructor(
    private readonly settings: Pick<WatcherSettings, 'folder' | 'rows' | 'stableMs'>,
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly signal: AbortSignal,
  ) {
    this.doubts = new FileDoubts(settings.stableMs, clock);
  }

  /**
   * What is in a stable file.
   *
   * @throws SyncError for a file that can't be read
   */
  async inspect(server: ExportServer, file: ListedFile): Promise<Found> {
    const signature = signatureOf(file);
    const known = this.found.get(signature);
    if (known) return known;
    const { folder, rows } = this.settings;
    const path = fileIn(folder, file.name);
    try {
      const inspection = await inspectFile((range) => server.read(path, range), rows.file, this.signal);
      if (inspection.header.length > 0) planColumns(inspection.header, rows.columns, rows.keepOthers);
      const seen = await server.stat(path);
      const { id, rawBytes, gzip } = inspection;
      if (!this.doubts.holds(file, seen, { finding: id, bytes: rawBytes, checked: gzip })) return 'changing';
      // Without a time of change another file of the same size would look the same.
      const untilMs = file.modifiedMs > 0 ? Infinity : this.clock.elapsed() + KNOWN_WITHOUT_TIME_MS;
      this.found.set(signature, { ...inspection, ...file, untilMs });
      return inspection;
    } catch (error) {
      this.signal.throwIfAborted();
      const fault = toSftpError(error, `read "${path}"`);
      if (!(fault instanceof BrokenFileError) && fault.code !== 'SFTP_NOT_FOUND') throw fault;
      // A file that is cut off at another place is still being written, whatever the server says of its size and time.
      const finding = fault instanceof BrokenFileError ? `${fault.code} ${fault.bytes ?? ''}` : fault.code;
      if (!this.doubts.holds(file, await server.stat(path), { finding })) return 'changing';
      if (fault instanceof BrokenFileError) return { broken: fault };
      // The server says once more that it is there, and does not give it.
      throw fault;
    }
  }

  /** The file is to be read anew before anything else is done with it. */
  forget(file: ListedFile): void {
    this.found.delete(signatureOf(file));
  }

  /** Forgets the files that are gone. */
  keep(listed: readonly ListedFile[]): void {
    const signatures = new Set(listed.map(signatureOf));
    const nowMs = this.clock.elapsed();
    this.found = new Map(
      [...this.found].filter(([signature, { untilMs }]) => signatures.has(signature) && nowMs < untilMs),
    );
    this.doubts.keep(new Set(listed.map(({ name }) => name)));
  }

  /** The marks of the files that are known to lie in the folder. */
  marks(): Set<string> {
    return new Set([...this.found.values()].map(fileMark));
  }
}

/** What a file is known by. */
export function factsOf({ name, size, modifiedMs }: ListedFile, { id, gzip }: Inspection): FileFacts {
  return { name, size, modifiedMs, id, gzip };
}
