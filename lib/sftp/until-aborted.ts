import type { ExportServer } from './export-server';

/**
 * Waits for a connection no longer than until the signal aborts; one that is there later is closed.
 *
 * @throws the signal's reason
 */
export async function untilAborted(connecting: Promise<ExportServer>, signal: AbortSignal): Promise<ExportServer> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      connecting.then((server) => server.close()).catch(() => undefined);
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([connecting, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
