import { mkdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Server, utils, type AuthContext, type Connection, type ServerConfig } from 'ssh2';
import { removeFolder, temporaryFolder } from '../n8n-host/temporary-folder';
import { fingerprintOfKey, newPrivateKey } from './keys';
import { serveFolder } from './serve-folder';
import { hangs, setFaults, type SftpFaults } from './sftp-faults';
import type { SftpHandle } from './sftp-handle';

export interface EmbeddedSftp extends SftpHandle {
  readonly kind: 'embedded';
  readonly faults: SftpFaults;
  /** Connections that were made so far, and that are open now. */
  readonly connections: { total: number; open: number; largest: number };
  /** Empties the folder and clears the faults. */
  reset(): void;
}

export interface EmbeddedOptions {
  readonly port?: number;
  /** A folder of its own under the system's temporary one when absent. */
  readonly folder?: string;
  readonly user?: string;
  readonly password?: string;
  /** PEM; made when absent. */
  readonly hostKey?: string;
  /** Further host keys (PEM), each of another kind. */
  readonly moreHostKeys?: readonly string[];
  /** How the user may log in. @default by key or password */
  readonly logins?: 'keyboard-interactive';
  /** Offers nothing but what rests on SHA-1, for keys, key exchange and the integrity of messages. */
  readonly sha1Only?: boolean;
  /** Offers SHA-1 alone for one thing. `login`: does not say that it takes newer signatures of RSA keys. */
  readonly sha1?: keyof typeof SHA1 | 'login' | undefined;
}

/** What an old server offers. */
const SHA1: Readonly<Record<'keyExchange' | 'hostKey' | 'integrity', NonNullable<ServerConfig['algorithms']>>> = {
  keyExchange: { kex: ['diffie-hellman-group14-sha1'] },
  hostKey: { serverHostKey: ['ssh-rsa'] },
  integrity: { hmac: ['hmac-sha1'], cipher: ['aes128-ctr'] },
};

function algorithmsOf({ sha1Only, sha1 }: EmbeddedOptions): NonNullable<ServerConfig['algorithms']> {
  if (sha1Only === true) return { ...SHA1.keyExchange, ...SHA1.hostKey, ...SHA1.integrity };
  return sha1 === undefined || sha1 === 'login' ? {} : SHA1[sha1];
}

/** Starts an SSH server that gives one user SFTP access to a real folder. It announces no extensions: not every server has statvfs. */
export async function startEmbeddedSftp(options: EmbeddedOptions = {}): Promise<EmbeddedSftp> {
  const ownFolder = options.folder === undefined;
  const folder = options.folder ?? (await temporaryFolder('campaign-sftp'));
  mkdirSync(folder, { recursive: true });
  const user = options.user ?? 'campaign';
  const password = options.password ?? 'sandbox-password';
  const privateKey = newPrivateKey();
  const allowed = utils.parseKey(privateKey);
  if (allowed instanceof Error) throw allowed;
  const allowedKey = Array.isArray(allowed) ? allowed[0] : allowed;
  const ownHostKey = options.hostKey ?? newPrivateKey();
  let hostKey = ownHostKey;
  let loginsAsked = 0;
  const faults: SftpFaults = {};
  const connections = { total: 0, open: 0, largest: 0 };
  const clients = new Set<Connection>();

  const serve = (client: Connection) => {
    clients.add(client);
    // ssh2 tells what it takes once the keys are exchanged, where the client wants to know.
    if (options.sha1 === 'login') withoutExtensions(client);
    // Missing in the type definitions. Without it each response waits for the next packet (about 40 ms).
    (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    connections.total++;
    connections.open++;
    connections.largest = Math.max(connections.largest, connections.open);
    client.on('error', () => undefined);
    client.on('close', () => {
      clients.delete(client);
      connections.open--;
    });
    client.on('authentication', (context) => {
      loginsAsked++;
      if (hangs(faults, 'login')) return;
      if (options.logins === 'keyboard-interactive') return askFor(context, user, password);
      if (context.username !== user) return context.reject();
      if (context.method === 'password') {
        return context.password === password ? context.accept() : context.reject(['publickey', 'password']);
      }
      if (context.method === 'publickey') {
        const same = context.key.data.equals(allowedKey.getPublicSSH());
        const signed =
          !context.signature ||
          allowedKey.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) === true;
        return same && signed ? context.accept() : context.reject(['publickey', 'password']);
      }
      return context.reject(['publickey', 'password']);
    });
    client.on('ready', () => {
      client.on('session', (accept) => {
        if (hangs(faults, 'session')) return;
        accept().on('sftp', (acceptSftp) => {
          if (!hangs(faults, 'subsystem')) serveFolder(acceptSftp(), folder, faults, client);
        });
      });
    });
  };
  const listen = async (port: number) => {
    const hostKeys = [hostKey, ...(options.moreHostKeys ?? [])];
    const server = new Server({ hostKeys, algorithms: algorithmsOf(options) }, serve);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return server;
  };
  let server: Server | undefined = await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const dropAll = () => {
    for (const client of clients) (client as unknown as { _sock: { destroy(): void } })._sock.destroy();
  };
  const stop = async () => {
    const stopping = server;
    server = undefined;
    dropAll();
    await new Promise<void>((resolve) => (stopping ? stopping.close(() => resolve()) : resolve()));
  };
  return {
    kind: 'embedded',
    host: '127.0.0.1',
    port,
    user,
    password,
    privateKey,
    get fingerprint() {
      return fingerprintOfKey(hostKey);
    },
    get connectionsMade() {
      return connections.total;
    },
    get loginsAsked() {
      return loginsAsked;
    },
    folder,
    remoteFolder: '.',
    faults,
    connections,
    dropAll,
    stop,
    async start(otherHostKey) {
      hostKey = otherHostKey ?? ownHostKey;
      server ??= await listen(port);
    },
    tellsRoom: false,
    fillDisk: () => (faults.diskFull = true),
    freeDisk: () => delete faults.diskFull,
    reset() {
      setFaults(faults, {});
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    },
    async close() {
      await stop();
      if (ownFolder) await removeFolder(folder);
    },
  };
}

/** Asks for the password with a prompt, as servers do that log in over PAM. */
function askFor(context: AuthContext, user: string, password: string): void {
  if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
  context.prompt([{ prompt: 'Password: ', echo: false }], 'Login', (answers) => {
    if (context.username === user && answers.length === 1 && answers[0] === password) context.accept();
    else context.reject(['keyboard-interactive']);
  });
}

/** The client's wish to be told is overheard (RFC 8308). */
function withoutExtensions(client: Connection): void {
  const protocol = (client as unknown as { readonly _protocol: { _kex?: { remoteExtInfoEnabled: boolean } } })
    ._protocol;
  let kex = protocol._kex;
  Object.defineProperty(protocol, '_kex', {
    get: () => kex,
    set: (next: typeof kex) => {
      kex = next;
      if (next) Object.defineProperty(next, 'remoteExtInfoEnabled', { get: () => false, set: () => undefined });
    },
  });
}
