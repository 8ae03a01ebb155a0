import { Readable } from 'node:stream';
import { isLostConnection, lostConnection, toConnectError, toSftpError } from '../../lib/sftp/sftp-errors';
import { RESPONSE_MS } from '../../lib/sftp/sftp-limits';
import type { ExportServer, ServerFile } from '../../lib/sftp/export-server';
import type { SftpOptions } from '../../lib/sftp/sftp-connection';
import type { SftpSettings } from '../../lib/sftp/sftp-settings';
import { RetriableError } from '../../lib/core/errors';
import type { ListedFile } from '../../lib/sync/export/file-stability';
import type { StorageRoom } from '../../lib/sync/export/incidents';
import type { SimulatedProcess } from './process';
import type { SeededRandom } from './random';
import type { Scheduler } from './scheduler';

/** What strikes when a connection is made; these count connections. */
const AT_CONNECTIONS = ['unreachable', 'login-refused'] as const;
/** What strikes an operation; these count operations. */
const AT_OPERATIONS = [
  /** The connection breaks before the server has the request. */
  'lost-before',
  /** It is carried out, and the connection breaks before the response. */
  'lost-after',
  /** The response comes, and then the connection breaks while nobody uses it. */
  'lost-idle',
  /** It is carried out, and no response ever comes. */
  'silent',
  /** The response is late, and comes within the time that is waited for it. */
  'slow',
  'not-permitted',
  'failure',
  /** Whatever needs room fails; a file that is written is there, and empty. */
  'disk-full',
] as const;
/** How the server is, from the beginning to the end of a history. */
const ALWAYS = ['without-times', 'without-sizes'] as const;

export type SftpFaultKind = (typeof AT_CONNECTIONS | typeof AT_OPERATIONS | typeof ALWAYS)[number];

/** A fault that strikes from the n-th connection or operation on, `count` of them. */
export interface PlannedSftpFault {
  /** From 0. */
  readonly nth: number;
  readonly count: number;
  readonly fault: SftpFaultKind;
}

/** Draws what goes wrong with a server. */
export function drawSftpFaults(random: SeededRandom): PlannedSftpFault[] {
  const always = ALWAYS.filter(() => random.chance(0.08)).map((fault) => ({ nth: 0, count: 1, fault }));
  if (random.chance(0.3)) return always;
  const drawn = Array.from({ length: random.between(1, 7) }, (): PlannedSftpFault => {
    const count = random.chance(0.7) ? random.between(1, 2) : random.between(3, 12);
    if (random.chance(0.25)) return { nth: random.below(8), count, fault: random.pick(AT_CONNECTIONS) };
    return { nth: random.below(random.chance(0.5) ? 40 : 200), count, fault: random.pick(AT_OPERATIONS) };
  });
  return [...always, ...drawn];
}

/** A file on the disk of the server. Whoever reads it goes on with it, whatever becomes of its name. */
export interface StoredFile {
  /** Tells it from any other, also from one with the same name and content. */
  readonly number: number;
  content: Buffer;
  /** Milliseconds since the epoch, whole seconds. */
  modifiedMs: number;
}

const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;
const FAILURE = 4;
const coded = (message: string, code: number) => Object.assign(new Error(message), { code });
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

/** An SFTP server in memory. Each operation takes its time, and may go wrong as planned. */
export class SimulatedSftp {
  readonly files = new Map<string, StoredFile>();
  private readonly folders = new Set<string>();
  /** Number of the file that somebody has looked at last, by path. */
  readonly lookedAt = new Map<string, number>();
  /** What the server tells of its room. */
  room: StorageRoom | undefined;
  /** False: nothing goes wrong any more. How the server is stays. */
  faulty = true;
  /** How often each fault has struck. */
  readonly struck = new Map<SftpFaultKind, number>();
  /** Hears of each file that a client has renamed, or deleted; `isThere`: the client is not gone meanwhile. */
  onPutAway: ((file: StoredFile, from: string, to: string | undefined, isThere: boolean) => void) | undefined;
  private numbers = 0;
  private connections = 0;
  private operations = 0;
  private readonly clockOffsetMs: number;

  constructor(
    readonly scheduler: Scheduler,
    readonly random: SeededRandom,
    private readonly planned: readonly PlannedSftpFault[],
  ) {
    this.clockOffsetMs = random.pick([0, 0, -3_600_000, 7_200_000]);
  }

  /** What a process of n8n opens connections with. They are gone with the process. */
  openOf(process: SimulatedProcess) {
    return async (settings: SftpSettings, { signal }: SftpOptions): Promise<ExportServer> => {
      const fault = this.strike(AT_CONNECTIONS, this.connections++);
      await this.reached(process, signal);
      if (fault === 'unreachable')
        throw toConnectError(new Error('connect ECONNREFUSED'), settings.host, settings.user);
      if (fault === 'login-refused') {
        throw toConnectError(new Error('All configured authentication methods failed'), settings.host, settings.user);
      }
      return new SimulatedConnection(this, process, signal);
    };
  }

  private reached(process: SimulatedProcess, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.scheduler.after(this.latency(), process, 'connect to SFTP', () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Somebody puts a whole file there, or the beginning of one; it takes the place of one that has the name. */
  put(path: string, content: string): StoredFile {
    const file = { number: ++this.numbers, content: Buffer.from(content), modifiedMs: this.time() };
    this.files.set(path, file);
    return file;
  }

  /** Whoever uploads a file writes on, wherever the file lies now. */
  append(file: StoredFile, more: string): void {
    file.content = Buffer.concat([file.content, Buffer.from(more)]);
    file.modifiedMs = this.time();
  }

  /** Somebody renames a file; the time of its content stays. False where there is none, or the place is taken. */
  rename(from: string, to: string): boolean {
    const file = this.files.get(from);
    if (!file || this.files.has(to)) return false;
    this.files.delete(from);
    this.files.set(to, file);
    return true;
  }

  /** What the server tells of a file. */
  listed(path: string, { content, modifiedMs }: StoredFile): ListedFile {
    const is = (fault: SftpFaultKind) => this.planned.some((each) => each.fault === fault);
    return {
      name: nameOf(path),
      size: is('without-sizes') ? 0 : content.length,
      modifiedMs: is('without-times') ? 0 : modifiedMs,
    };
  }

  filesIn(folder: string): ListedFile[] {
    const found: ListedFile[] = [];
    for (const [path, file] of this.files) if (folderOf(path) === folder) found.push(this.listed(path, file));
    return found;
  }

  /** @throws what ssh2 gives */
  fileAt(path: string): StoredFile {
    const file = this.files.get(path);
    if (!file) throw coded('No such file', NO_SUCH_FILE);
    return file;
  }

  move(from: string, to: string, isThere: boolean): void {
    const file = this.fileAt(from);
    if (!this.rename(from, to)) throw coded('Failure', FAILURE);
    this.onPutAway?.(file, from, to, isThere);
  }

  remove(path: string, isThere: boolean): void {
    const file = this.fileAt(path);
    this.files.delete(path);
    this.onPutAway?.(file, path, undefined, isThere);
  }

  makeFolder(path: string): void {
    this.folders.add(path);
  }

  hasFolder(path: string): boolean {
    return this.folders.has(path);
  }

  /** What happens to the next operation. */
  strikeOperation(): SftpFaultKind | undefined {
    return this.strike(AT_OPERATIONS, this.operations++);
  }

  private strike(kinds: readonly SftpFaultKind[], at: number): SftpFaultKind | undefined {
    if (!this.faulty) return undefined;
    for (const { nth, count, fault } of this.planned) {
      if (at < nth || at >= nth + count || !kinds.includes(fault)) continue;
      this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
      return fault;
    }
    return undefined;
  }

  latency(): number {
    const { random } = this;
    return random.chance(0.05) ? random.between(50, 900) : random.between(2, 40);
  }

  private time(): number {
    return Math.floor((this.scheduler.now + this.clockOffsetMs) / 1000) * 1000;
  }
}

/** How an operation is carried out. */
interface Operation<T> {
  /** Completes "could not ...". */
  readonly action: string;
  /** It changes something: that happens although the client is gone before it hears of it. */
  readonly changes?: boolean;
  readonly needsRoom?: boolean;
  /** On a full disk, instead. */
  readonly whenFull?: () => void;
  /** @throws what ssh2 gives */
  readonly carryOut: () => T;
}

class SimulatedConnection implements ExportServer {
  alive = true;
  private readonly streams = new Set<Readable>();
  private readonly waiting = new Set<(reason: Error) => void>();

  constructor(
    readonly server: SimulatedSftp,
    private readonly process: SimulatedProcess,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.onAbort, { once: true });
    if (signal?.aborted) this.onAbort();
  }

  private get isThere(): boolean {
    return this.process.alive && this.signal?.aborted !== true;
  }

  private readonly onAbort = () => this.lose(this.signal?.reason as Error);

  async list(folder: string): Promise<ServerFile[]> {
    return await this.run({ action: `list the folder "${folder}"`, carryOut: () => this.server.filesIn(folder) });
  }

  async stat(path: string): Promise<ListedFile | undefined> {
    const carryOut = () => {
      const file = this.server.files.get(path);
      if (file) this.server.lookedAt.set(path, file.number);
      return file && this.server.listed(path, file);
    };
    return await this.run({ action: `look at "${path}"`, carryOut });
  }

  read(path: string, { end = Infinity }: { readonly end?: number } = {}): Readable {
    if (!this.alive) throw lostConnection();
    const stream = new SimulatedStream(this, path, end);
    this.streams.add(stream);
    stream.once('close', () => this.streams.delete(stream));
    stream.on('error', (error) => {
      if (isLostConnection(error)) this.lose();
    });
    return stream;
  }

  async move(from: string, to: string): Promise<void> {
    const carryOut = () => this.server.move(from, to, this.isThere);
    await this.run({ action: `move "${from}" to "${to}"`, changes: true, needsRoom: true, carryOut });
  }

  async remove(path: string): Promise<void> {
    const carryOut = () => {
      if (this.server.files.has(path)) this.server.remove(path, this.isThere);
    };
    await this.run({ action: `delete "${path}"`, changes: true, carryOut });
  }

  async makeFolder(path: string): Promise<void> {
    if (await this.run({ action: `look at "${path}"`, carryOut: () => this.server.hasFolder(path) })) return;
    const carryOut = () => this.server.makeFolder(path);
    await this.run({ action: `make the folder "${path}"`, changes: true, needsRoom: true, carryOut });
  }

  async writeText(path: string, text: string): Promise<void> {
    const carryOut = () => void this.server.put(path, text);
    const whenFull = () => void this.server.put(path, '');
    await this.run({ action: `write "${path}"`, changes: true, needsRoom: true, whenFull, carryOut });
  }

  async room(folder: string): Promise<StorageRoom | undefined> {
    return await this.run({ action: `ask for the room of "${folder}"`, carryOut: () => this.server.room });
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    this.lose();
    await this.process.take(this.server.latency(), 'take leave of SFTP');
  }

  lose(reason: Error = lostConnection()): void {
    if (!this.alive) return;
    this.alive = false;
    this.signal?.removeEventListener('abort', this.onAbort);
    for (const fail of [...this.waiting]) fail(reason);
    for (const stream of [...this.streams]) stream.destroy(reason);
  }

  private async run<T>(operation: Operation<T>): Promise<T> {
    try {
      return await this.ask(operation);
    } catch (error) {
      this.signal?.throwIfAborted();
      throw toSftpError(error, operation.action);
    }
  }

  /** One request and its response. @throws what ssh2 gives */
  ask<T>(operation: Operation<T>): Promise<T> {
    if (!this.alive) return Promise.reject(lostConnection());
    const { server, process } = this;
    const { scheduler } = server;
    const { action } = operation;
    const fault = server.strikeOperation();
    return new Promise<T>((resolve, reject) => {
      const cancels: (() => void)[] = [];
      const ended = () => {
        for (const cancel of cancels) cancel();
        this.waiting.delete(fail);
      };
      const fail = (reason: Error) => {
        ended();
        reject(reason);
      };
      this.waiting.add(fail);
      const inProcess = (ms: number, what: string, end: () => void) =>
        void cancels.push(scheduler.after(ms, process, what, end));
      const tell = (told: Told<T>) => {
        if (fault === 'lost-after') return this.lose();
        ended();
        if (fault === 'lost-idle')
          scheduler.after(server.random.between(1, 50), process, 'SFTP is lost', () => this.lose());
        if ('error' in told) reject(told.error);
        else resolve(told.value);
      };
      const outMs = server.latency() + (fault === 'slow' ? server.random.between(1_000, 20_000) : 0);
      if (fault === 'lost-before') return inProcess(outMs, `lost: ${action}`, () => this.lose());
      if (fault === 'silent') {
        inProcess(RESPONSE_MS, `no response: ${action}`, () => this.lose(noResponse(action)));
      }
      if (operation.changes) {
        scheduler.after(outMs, undefined, `SFTP: ${action}`, () => {
          const told = attempt(operation, fault);
          if (fault !== 'silent') inProcess(server.latency(), `done: ${action}`, () => tell(told));
        });
      } else if (fault !== 'silent') inProcess(outMs, action, () => tell(attempt(operation, fault)));
    });
  }
}

type Told<T> = { readonly value: T } | { readonly error: Error };

/** What the server makes of a request. */
function attempt<T>(
  { carryOut, needsRoom = false, whenFull }: Operation<T>,
  fault: SftpFaultKind | undefined,
): Told<T> {
  if (fault === 'not-permitted') return { error: coded('Permission denied', PERMISSION_DENIED) };
  if (fault === 'failure') return { error: coded('Failure', FAILURE) };
  if (fault === 'disk-full' && needsRoom) {
    whenFull?.();
    return { error: coded('No space left on device', FAILURE) };
  }
  try {
    return { value: carryOut() };
  } catch (error) {
    return { error: error as Error };
  }
}

function noResponse(action: string): RetriableError {
  return new RetriableError('SFTP_NO_RESPONSE', `Could not ${action}: the server did not respond.`);
}

/** The bytes of a file, piece by piece. */
class SimulatedStream extends Readable {
  private file: StoredFile | undefined;
  private at = 0;
  private readonly pieceBytes: number;

  constructor(
    private readonly connection: SimulatedConnection,
    private readonly path: string,
    private readonly end: number,
  ) {
    super();
    this.pieceBytes = connection.server.random.pick([4096, 4096, 4096, 150]);
  }

  override _read(): void {
    this.connection.ask({ action: `read "${this.path}"`, carryOut: () => this.next() }).then(
      ({ piece, isLast }) => {
        if (this.destroyed) return;
        if (piece.length > 0) this.push(piece);
        if (isLast) this.push(null);
      },
      (error: Error) => void this.destroy(error),
    );
  }

  private next(): { readonly piece: Buffer; readonly isLast: boolean } {
    const { server } = this.connection;
    this.file ??= server.fileAt(this.path);
    const stop = Math.min(this.file.content.length, this.end + 1);
    const piece = this.file.content.subarray(this.at, Math.min(this.at + this.pieceBytes, stop));
    this.at += piece.length;
    // Whoever reads asks once more at the end; a file may have grown by then.
    return { piece, isLast: piece.length === 0 || (this.at >= stop && server.random.chance(0.7)) };
  }
}
