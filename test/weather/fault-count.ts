import type { SandboxControl } from '../../sandbox/control-client';
import type { SandboxHandle } from '../../sandbox/start';
import type { Round } from './plan';

const REAL_TOKEN_SECONDS = { entra: 3599, ims: 86_399 };

/** Orders the faults of each round, and counts how often each kind has struck. */
export class FaultCount {
  /** By kind; those of the storage and the settings count once for each order. */
  readonly struck = new Map<string, number>();
  private kinds: readonly string[] = [];

  constructor(
    private readonly control: SandboxControl,
    private readonly sandbox: Pick<SandboxHandle, 'sftpServer'>,
  ) {}

  /** Takes away the faults that are there, and orders those of the round. */
  async order({ faults, storage, tokenSeconds }: Round): Promise<void> {
    await this.clear();
    await this.control.json(
      'POST',
      '/faults',
      faults.map(({ fault }) => fault),
    );
    this.kinds = faults.map(({ kind }) => kind);
    if (storage) {
      this.add(storage.kind, 1);
      await this.control.json('POST', '/sftp', storage.faults);
      if (storage.cut === true) this.sandbox.sftpServer?.dropAll();
    }
    if (tokenSeconds !== undefined) {
      this.add('tokens that live for seconds', 1);
      await this.tokensLive(tokenSeconds, tokenSeconds);
    }
  }

  /** All is well again. */
  async clear(): Promise<void> {
    const struck = await this.control.timesStruck();
    for (const [index, kind] of this.kinds.entries()) this.add(kind, struck[index] ?? 0);
    this.kinds = [];
    await this.control.json('DELETE', '/faults');
    await this.control.json('POST', '/sftp', {});
    await this.tokensLive(REAL_TOKEN_SECONDS.entra, REAL_TOKEN_SECONDS.ims);
  }

  /** Something else went wrong. */
  add(kind: string, times: number): void {
    if (times > 0) this.struck.set(kind, (this.struck.get(kind) ?? 0) + times);
  }

  private async tokensLive(entra: number, ims: number): Promise<void> {
    await this.control.json('POST', '/settings', {
      entra: { tokenLifetimeSeconds: entra },
      ims: { tokenLifetimeSeconds: ims },
    });
  }
}
