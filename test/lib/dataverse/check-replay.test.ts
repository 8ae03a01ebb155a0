import { checkReplay } from '../../../lib/dataverse/check-replay';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { ConfigurationError, FatalError, RetriableError } from '../../../lib/core/errors';
import type { Checkpoint, Position } from '../../../lib/sync/feed/checkpoint';
import { DeltaTokenExpiredError } from '../../../lib/sync/feed/delta-token-expired';
import { tableOf } from '../../support/builders';

const { table } = tableOf();
const delta: Position = { phase: 'delta', link: 'd1' };

const at = (position: Position): Checkpoint => ({
  version: 1,
  organization: 'https://contoso.crm4.dynamics.com',
  table: 'contact',
  columns: ['firstname'],
  replay: '',
  position,
  delivery: 1,
  deliveryUntil: null,
});

/** Checks a replay of a table of 1,000 rows behind which 200 changes wait; gives what was counted. */
async function check(limits: { rows: number; backlog: number }, stored: Checkpoint | null = at(delta)) {
  const counted: string[] = [];
  const client: Pick<DataverseClient, 'totalCount' | 'countPending'> = {
    totalCount: async ({ name }) => (counted.push(`rows of ${name}`), 1000),
    countPending: async (_table, link) => (counted.push(`changes behind ${link}`), 200),
  };
  await checkReplay(client as DataverseClient, table, stored ?? undefined, limits, new AbortController().signal);
  return counted;
}

describe('a replay', () => {
  it('starts below both limits', async () => {
    expect(await check({ rows: 1001, backlog: 201 })).toEqual(['rows of contact', 'changes behind d1']);
  });

  it.each([
    [{ rows: 1000, backlog: 201 }, /rows in the table is 1,000, and the limit is 1,000/, 'Replay: Limit of Rows'],
    [{ rows: 1, backlog: 0 }, /1,000, and the limit is 1\./, 'Replay: Limit of Rows'],
    [{ rows: 1001, backlog: 200 }, /still waiting is 200, and the limit is 200/, 'Replay: Limit of Waiting Changes'],
  ])(
    'does not start at a limit or above it (%j), and says which setting holds it',
    async (limits, message, setting) => {
      await expect(check(limits)).rejects.toMatchObject({
        name: 'ConfigurationError',
        code: 'REPLAY_TOO_LARGE',
        message: expect.stringMatching(message),
        hint: expect.stringContaining(`"${setting}"`),
      });
    },
  );

  it.each([
    new FatalError('UNEXPECTED_RESPONSE', 'Dynamics 365 gave no number.'),
    new ConfigurationError('REFUSED_BY_DYNAMICS', 'Dynamics 365 refused.'),
    new ConfigurationError('PRIVILEGE_MISSING', 'The user may not.'),
    new DeltaTokenExpiredError('contact'),
  ])('starts where a number can not be had (%p), and says that its limit was not looked at', async (error) => {
    const client = { totalCount: () => Promise.reject(error), countPending: () => Promise.reject(error) };
    const { signal } = new AbortController();
    const unknown = await checkReplay(client as never, table, at(delta), { rows: 1, backlog: 1 }, signal);
    expect(unknown).toEqual([expect.stringContaining('rows'), expect.stringContaining('changes still waiting')]);
  });

  it('waits for a number that may come later', async () => {
    const away = new RetriableError('DATAVERSE_UNAVAILABLE', 'Not now.');
    const client = { totalCount: () => Promise.reject(away) };
    const { signal } = new AbortController();
    await expect(checkReplay(client as never, table, undefined, { rows: 1, backlog: 1 }, signal)).rejects.toBe(away);
  });

  it('counts nothing for a limit of 0, which is none', async () => {
    expect(await check({ rows: 0, backlog: 0 })).toEqual([]);
    expect(await check({ rows: 0, backlog: 201 })).toEqual(['changes behind d1']);
  });

  it.each<[string, Checkpoint | null]>([
    ['is none yet', null],
    ['is still in a load', at({ phase: 'load', link: 'l1', safety: 's1', load: 'initial' })],
    ['waits for its safety token', at({ phase: 'safety-token', link: null, load: 'initial' })],
    ['catches up', at({ phase: 'catch-up', link: 's1', then: 'd1' })],
  ])('counts no waiting changes where the checkpoint %s', async (_name, stored) => {
    expect(await check({ rows: 1001, backlog: 1 }, stored)).toEqual(['rows of contact']);
  });
});
