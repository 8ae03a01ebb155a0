import type { UpsertChange } from '../../lib/core/change';
import { dataverseSource } from '../../lib/dataverse/change-source';
import { DataverseClient } from '../../lib/dataverse/client';
import type { TriggerHost } from '../../lib/sync/delivery/trigger-host';
import { resume, type Checkpoint } from '../../lib/sync/feed/checkpoint';
import { FeedLoop } from '../../lib/sync/feed/feed-loop';
import { SandboxControl } from '../../sandbox/control-client';
import { startSandbox, type SandboxHandle, type SandboxOptions } from '../../sandbox/start';
import { TestClock } from '../support/test-clock';

jest.setTimeout(60_000);

/** What a follower of the contacts has been told: the last name of each, as it was last. */
class Follower {
  readonly names = new Map<string, unknown>();
  readonly told: string[] = [];
  deliveries = 0;
  private checkpoint: Checkpoint | undefined;

  constructor(
    private readonly sandbox: SandboxHandle,
    private readonly batchSize = 10,
  ) {}

  /** Follows until `enough`, and then stops; goes on from there the next time. */
  async follow(enough: () => Promise<boolean>): Promise<void> {
    const client = new DataverseClient(this.sandbox.dynamics365);
    const whole = await client.describeTable('contact');
    const columns = whole.columns.filter(
      ({ name }) => name === 'lastname' || name === 'gendercode' || name === 'jobtitle',
    );
    const source = dataverseSource(client, { table: whole.table, columns }, { labels: true, besides: [] });
    const { organizationId } = await client.whoAmI();
    const { checkpoint } = resume(this.checkpoint, {
      organization: new URL(client.apiUrl).origin,
      organizationId,
      table: 'contact',
      columns: columns.map(({ name }) => name),
      replay: '',
      start: 'full',
    });
    const stop = new AbortController();
    let polls = 0;
    const clock = new TestClock();
    const host: TriggerHost<Checkpoint> = {
      clock: {
        ...clock,
        now: clock.now,
        elapsed: clock.elapsed,
        sleep: async (ms, signal) => {
          if ((await enough()) || ++polls > 50) stop.abort(new Error('enough'));
          await clock.sleep(ms, signal);
        },
      },
      deliver: async ({ records, onEmit }) => {
        onEmit('2026-11-21T13:00:00.000Z');
        this.deliveries++;
        for (const change of records as UpsertChange[]) {
          if (change.change === 'upsert') this.names.set(change.id, change.record['lastname']);
          else this.names.delete((change as { id: string }).id);
        }
      },
      save: (next) => (this.checkpoint = next),
      report: (error) => this.told.push((error as { code?: string }).code ?? 'UNEXPECTED'),
      allClear: () => undefined,
      log: () => undefined,
    };
    const options = { batchSize: this.batchSize, longestPollPauseMs: 5_000, longestRetryPauseMs: 60_000 };
    await new FeedLoop(checkpoint, source, { ...options, signal: stop.signal }, host).run();
    client.close();
  }
}

/** Every legal way to hand out pages and links; which one a server takes is its own affair. */
const PLACEMENTS = (['last', 'first', 'every'] as const).flatMap((deltaLinkOn) =>
  [false, true].flatMap((emptyLastPage) =>
    [false, true].map((annotationsCostDeltaLink) => ({ deltaLinkOn, emptyLastPage, annotationsCostDeltaLink })),
  ),
);

describe('a table whose links stand wherever the server places them', () => {
  let sandbox: SandboxHandle;
  afterEach(async () => await sandbox?.close());

  const start = async (dataverse: NonNullable<SandboxOptions['settings']>['dataverse']) => {
    // A load needs a delta link somewhere; what is placed otherwise comes afterwards.
    sandbox = await startSandbox({ contacts: 35 });
    const control = new SandboxControl(sandbox.controlUrl);
    const follower = new Follower(sandbox);
    const isEqual = async () => {
      const rows = await control.dump('dataverse', 'contact');
      return (
        rows.length === follower.names.size &&
        rows.every((row) => follower.names.get(String(row['contactid'])) === (row['lastname'] ?? null))
      );
    };
    await follower.follow(isEqual);
    expect(await isEqual()).toBe(true);
    await control.json('POST', '/settings', { dataverse });
    return { control, follower, isEqual };
  };

  it.each(PLACEMENTS)('loses no change of several pages with %j', async (placement) => {
    const { control, follower, isEqual } = await start(placement);
    for (const seed of [1, 2, 3]) {
      await control.changeContacts({ creates: 4, updates: 20, deletes: 3, seed });
      await follower.follow(isEqual);
      expect(await isEqual()).toBe(true);
    }
    // Where a read ends without a link somebody hears of it; each placement that has one is followed without a word.
    const { deltaLinkOn, emptyLastPage, annotationsCostDeltaLink } = placement;
    if (deltaLinkOn === 'last' && emptyLastPage) expect(follower.told).toContain('NO_DELTA_LINK');
    else if (annotationsCostDeltaLink) expect(new Set(follower.told).size).toBeLessThan(2);
    else expect(follower.told).toEqual([]);
  });

  it('does not stand still in silence where no page ever has a delta link', async () => {
    const { control, follower, isEqual } = await start({ deltaLinkOn: 'none' });
    await control.changeContacts({ creates: 4, updates: 20, deletes: 3, seed: 1 });
    await follower.follow(isEqual);
    expect(await isEqual()).toBe(true);
    expect(follower.told).toContain('NO_DELTA_LINK');
    await control.changeContacts({ creates: 1, updates: 1, deletes: 0, seed: 2 });
    await follower.follow(isEqual);
    expect(follower.told).toContain('CHANGE_TRACKING_OFF');
    // As soon as the server gives links again it goes on, and nothing was lost.
    await control.json('POST', '/settings', { dataverse: { deltaLinkOn: 'last' } });
    await follower.follow(isEqual);
    expect(await isEqual()).toBe(true);
  });

  it('delivers changes once, and not again at every poll, where annotations cost the delta link', async () => {
    const { control, follower, isEqual } = await start({ annotationsCostDeltaLink: true });
    await control.changeContacts({ creates: 0, updates: 5, deletes: 0, seed: 1 });
    await follower.follow(isEqual);
    const { deliveries } = follower;
    let polls = 0;
    await follower.follow(async () => ++polls > 10);
    expect(follower.deliveries).toBe(deliveries);
  });

  it('reads everything anew, and says so, when a column of the stored link was removed in Dynamics 365', async () => {
    const { control, follower, isEqual } = await start({});
    const schema = [{ system: 'dataverse', table: 'contact', column: 'jobtitle', action: 'remove' }];
    await control.json('POST', '/settings', { schema });
    await control.changeContacts({ creates: 2, updates: 5, deletes: 0, seed: 1 });
    await follower.follow(isEqual);
    expect(await isEqual()).toBe(true);
    expect(follower.told).toEqual(['STORED_LINK_REFUSED']);
  });

  it('reads everything when the environment was restored and is another organization now', async () => {
    const { control, follower, isEqual } = await start({});
    await control.json('POST', '/settings', { dataverse: { organizationId: '0a1b2c3d-0000-4000-8000-0000000000ff' } });
    await control.changeContacts({ creates: 2, updates: 5, deletes: 0, seed: 1 });
    const before = follower.deliveries;
    await follower.follow(isEqual);
    expect(await isEqual()).toBe(true);
    expect(follower.deliveries - before).toBeGreaterThan(3);
  });
});
