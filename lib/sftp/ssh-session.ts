import { Socket } from 'node:net';
import Client from 'ssh2-sftp-client';
import type { AuthenticationType, ConnectConfig, SFTPWrapper } from 'ssh2';
import type { Clock } from '../core/clock';
import { RetriableError } from '../core/errors';
import { fingerprintOf, isPinned, keyTypeOf } from './host-key';
import { algorithmsFor } from './ssh-algorithms';
import { toConnectError } from './sftp-errors';
import { CONNECT_MS, FAREWELL_MS, KEEPALIVE_MS, KEEPALIVE_TRIES } from './sftp-limits';
import type { SftpSettings } from './sftp-settings';

export interface SessionDeps {
  readonly clock: Pick<Clock, 'after' | 'elapsed'>;
  /** Whoever connects is called off. */
  readonly signal?: AbortSignal | undefined;
}

/** A login whose private key is in a form that ssh2 reads. */
export type ReadyLogin = SftpSettings['login'];

/** A host key that the server presented and that is not pinned. */
export interface PresentedKey {
  readonly kind: string;
  readonly fingerprint: string;
}

/** One SSH connection with an SFTP session. */
export interface SshSession {
  readonly sftp: SFTPWrapper;
  /** The kind of the server's host key, e.g. `ssh-ed25519`. */
  readonly hostKeyKind: string;
  /** Calls back once the connection or its session is gone, at once when it is already. */
  onLost(callback: () => void): void;
  /** Ends it, waiting a moment for the server to take leave. */
  end(): Promise<void>;
  /** Ends it without a word. */
  destroy(): void;
}

/** The parts of ssh2's client inside ssh2-sftp-client that it does not pass on. */
interface InnerClient {
  end(): void;
  readonly _protocol?: { authPK(user: string, key: unknown, algorithm?: string, sign?: unknown): unknown };
}

/**
 * Makes one connection, offering host keys of the given kinds.
 *
 * @returns the key that the server presented when it is not a pinned one; nothing of the login was sent then
 * @throws SyncError of connecting; the signal's reason
 */
export async function connectOnce(
  settings: SftpSettings,
  login: ReadyLogin,
  kinds: readonly string[],
  { clock, signal }: SessionDeps,
): Promise<SshSession | PresentedKey> {
  const { host, port, user, outdatedAlgorithms = false } = settings;
  const socket = new Socket();
  // SFTP is small requests, each waiting for its response: with TCP's habit of collecting small packets, reading 5 MB from OpenSSH took
  // 2.1 s instead of 0.2 s.
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  const lost = onceLost();
  const client = new Client('campaign-exports', { error: lost.happen, end: lost.happen, close: lost.happen });
  const inner = (client as unknown as { readonly client: InnerClient }).client;
  const methods = new LoginMethods('password' in login);
  let presented: PresentedKey | undefined;
  let refused: Error | undefined;
  let hostKeyKind = '';
  let step = 'opening the connection';
  client.on('connect', () => (step = 'the handshake'));
  client.on('handshake', () => {
    step = 'the login';
    if (!outdatedAlgorithms) withoutSha1Signatures(inner);
  });
  client.on('ready', () => (step = 'opening the SFTP session'));
  if ('password' in login) client.on('keyboard-interactive', answerPrompts(login.password));
  const config: ConnectConfig = {
    host,
    port,
    sock: socket,
    username: user,
    ...login,
    tryKeyboard: 'password' in login,
    authHandler: methods.next,
    algorithms: algorithmsFor(kinds, outdatedAlgorithms),
    // The limit below is for all of it, the session included.
    readyTimeout: 0,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVE_TRIES,
    hostVerifier: (key: Buffer) => {
      const fingerprint = fingerprintOf(key);
      hostKeyKind = keyTypeOf(key);
      if (isPinned(fingerprint, settings.fingerprints)) return true;
      presented = { kind: hostKeyKind, fingerprint };
      return false;
    },
  };
  let forget: () => void = () => undefined;
  try {
    signal?.throwIfAborted();
    const calledOff = new Promise<never>((_, reject) => {
      const onAbort = () => reject((refused = signal?.reason as Error));
      signal?.addEventListener('abort', onAbort, { once: true });
      const stopTimer = clock.after(CONNECT_MS, () => reject((refused = notConnected(host, step))));
      forget = () => {
        stopTimer();
        signal?.removeEventListener('abort', onAbort);
      };
    });
    socket.connect(port, host);
    const sftp = await Promise.race([client.connect(config), calledOff]);
    return { sftp, hostKeyKind, ...endsOf(inner, socket, sftp, lost) };
  } catch (error) {
    socket.destroy();
    if (presented) return presented;
    throw refused ?? toConnectError(error, host, user, { offered: methods.offered, outdatedAlgorithms });
  } finally {
    forget();
  }
}

function endsOf(
  inner: InnerClient,
  socket: Socket,
  sftp: SFTPWrapper,
  lost: Lost,
): Pick<SshSession, 'onLost' | 'end' | 'destroy'> {
  // A session can end while its connection stays.
  for (const event of ['error', 'end', 'close']) sftp.on(event, lost.happen);
  return {
    onLost: lost.then,
    destroy: () => void socket.destroy(),
    end: () =>
      new Promise((resolve) => {
        // Not by the test's or trigger's clock: this is about the machine's sockets.
        const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
        const over = () => {
          clearTimeout(timer);
          resolve();
        };
        if (socket.destroyed) return over();
        socket.once('close', over);
        inner.end();
      }),
  };
}

interface Lost {
  readonly happen: () => void;
  readonly then: (callback: () => void) => void;
}

function onceLost(): Lost {
  let isLost = false;
  let tell: (() => void) | undefined;
  return {
    happen: () => {
      isLost = true;
      tell?.();
    },
    then: (callback) => {
      tell = callback;
      if (isLost) callback();
    },
  };
}

/** The ways to log in, one after the other, those alone that the server takes: each one that is refused may count towards a lock. */
class LoginMethods {
  /** What the server said it takes. */
  offered: readonly string[] | undefined;
  private readonly left: AuthenticationType[];

  constructor(byPassword: boolean) {
    this.left = byPassword ? ['none', 'password', 'keyboard-interactive'] : ['none', 'publickey'];
  }

  readonly next = (offered: readonly string[] | null): AuthenticationType | false => {
    if (offered && offered.length > 0) this.offered = offered;
    for (;;) {
      const method = this.left.shift();
      if (method === undefined) return false;
      if (method === 'none' || !this.offered || this.offered.includes(method)) return method;
    }
  };
}

/** Answers the question for the password. Whatever else a server asks for (a code, a new password) we do not have, and the login ends. */
function answerPrompts(password: string) {
  let answered = false;
  return (_name: string, _text: string, _language: string, prompts: unknown[], finish: (answers: string[]) => void) => {
    if (answered || prompts.length !== 1) return finish(prompts.map(() => ''));
    answered = true;
    finish([password]);
  };
}

/**
 * ssh2 signs with SHA-1 for an RSA key when the server does not say what it takes, and has no setting for it.
 *
 * @throws Error in place of that signature
 */
function withoutSha1Signatures(inner: InnerClient): void {
  const protocol = inner._protocol;
  if (!protocol) return;
  const authPK = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, sign) => {
    if (algorithm === 'ssh-rsa') throw new Error('no matching signature: only SHA-1 is left for the RSA key');
    return authPK(user, key, algorithm, sign);
  };
}

function notConnected(host: string, step: string): RetriableError {
  return new RetriableError(
    'SFTP_UNREACHABLE',
    `The server ${host} can not be reached: it did not respond within ${CONNECT_MS / 1000} seconds; ${step} was not done.`,
    { hint: 'Check host and port, and whether the server lets in the address of this n8n.' },
  );
}
