import { hostKeyError } from './host-key';
import { readPrivateKey } from './private-key';
import { SyncError } from '../core/errors';
import type { SftpSettings } from './sftp-settings';
import { HOST_KEY_KINDS } from './ssh-algorithms';
import { connectOnce, type PresentedKey, type SessionDeps, type SshSession } from './ssh-session';

/** Which kind of key was the pinned one, by server and pins, so that each later connection asks for it first. */
const pinnedKinds = new Map<string, string>();
const MOST_REMEMBERED = 200;

/**
 * Connects with the pinned host key. A server that has several keys presents the one that the client likes best; where that is not pinned it
 * is asked for its others, one connection for each, before its key counts as changed.
 *
 * @throws what {@link connectOnce} throws; ConfigurationError HOST_KEY_NOT_PINNED, HOST_KEY_CHANGED, SFTP_PRIVATE_KEY
 */
export async function openSession(settings: SftpSettings, deps: SessionDeps): Promise<SshSession> {
  const { host, port, fingerprints } = settings;
  const login =
    'password' in settings.login
      ? settings.login
      : readPrivateKey(settings.login.privateKey, settings.login.passphrase);
  const server = `${host} ${port} ${fingerprints.join(' ')}`;
  const first = pinnedKinds.get(server);
  const presented: PresentedKey[] = [];
  let kinds = first === undefined ? HOST_KEY_KINDS : [first, ...HOST_KEY_KINDS.filter((kind) => kind !== first)];
  while (kinds.length > 0) {
    const outcome = await connectOnce(settings, login, kinds, deps).catch((error: unknown) => {
      // It has no further keys.
      if (presented.length > 0 && error instanceof SyncError && error.code === 'SFTP_ALGORITHMS') return undefined;
      throw error;
    });
    if (!outcome) break;
    if ('sftp' in outcome) {
      remember(server, outcome.hostKeyKind);
      return outcome;
    }
    presented.push(outcome);
    const rest = kinds.filter((kind) => kind !== outcome.kind);
    if (fingerprints.length === 0 || rest.length === kinds.length) break;
    kinds = rest;
  }
  throw hostKeyError(host, presented, fingerprints);
}

function remember(server: string, kind: string): void {
  if (pinnedKinds.size >= MOST_REMEMBERED) pinnedKinds.clear();
  pinnedKinds.set(server, kind);
}
