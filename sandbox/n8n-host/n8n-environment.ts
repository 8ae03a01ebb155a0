import { freePort } from '../free-port';
import { plainEnvironment } from './folders';

/** Who can log in to an n8n that is started here. Not a secret: it listens on 127.0.0.1 only. */
export const OWNER = { email: 'owner@sandbox.example', password: 'Campaign-2026' } as const;

/** Encrypts the sandbox's credentials; the same for all, so that a prepared database fits. */
export const ENCRYPTION_KEY = 'only-for-the-sandbox-of-this-project';

export const START_TIMEOUT_MS = 180_000;

/** What makes an n8n work on its own machine only: no calls to the outside, no surveys, no licence. */
export async function n8nEnvironment(userFolder: string, port: number): Promise<Record<string, string>> {
  const env = plainEnvironment();
  for (const name of Object.keys(env)) if (/_proxy$/i.test(name)) delete env[name];
  return {
    ...env,
    N8N_USER_FOLDER: userFolder,
    TMPDIR: userFolder,
    N8N_HOST: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_RUNNERS_BROKER_PORT: String(await freePort()),
    N8N_ENCRYPTION_KEY: ENCRYPTION_KEY,
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_DYNAMIC_BANNERS_ENABLED: 'false',
    N8N_VERIFIED_PACKAGES_ENABLED: 'false',
    N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
    N8N_DISABLED_MODULES: 'instance-ai,mcp-registry',
    N8N_LOG_LEVEL: 'info',
  };
}
