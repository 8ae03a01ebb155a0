import { advance, parseCheckpoint, resume, type Checkpoint, type Position } from '../../../../lib/sync/feed/checkpoint';

const settings = {
  organization: 'https://org.example',
  table: 'contact',
  columns: ['lastname', 'firstname'],
  replay: '',
  start: 'full',
} as const;

const stored = (position: Position, more: Partial<Checkpoint> = {}): Checkpoint => ({
  version: 1,
  organization: 'https://org.example',
  table: 'contact',
  columns: ['firstname', 'lastname'],
  replay: '',
  position,
  delivery: 7,
  deliveryUntil: null,
  ...more,
});
const delta: Position = { phase: 'delta', link: 'delta-1' };

describe('parseCheckpoint', () => {
  it('finds nothing where nothing was stored', () => {
    expect(parseCheckpoint(undefined)).toBeUndefined();
    expect(parseCheckpoint(null)).toBeUndefined();
  });

  it('reads back what was stored as JSON', () => {
    const checkpoint = stored({ phase: 'load', link: null, safety: 'safe', load: 'replay' });
    expect(parseCheckpoint(JSON.parse(JSON.stringify(checkpoint)))).toEqual(checkpoint);
  });

  it.each([
    ['text', 'delta-1'],
    ['an empty object', {}],
    ['a later version', { ...stored(delta), version: 2 }],
    ['a position without a link', { ...stored(delta), position: { phase: 'delta' } }],
    ['an unknown phase', { ...stored(delta), position: { phase: 'warp', link: 'x' } }],
    ['an empty link', { ...stored(delta), position: { phase: 'delta', link: '' } }],
  ])('never takes %s for "no checkpoint"', (_what, value) => {
    expect(() => parseCheckpoint(value)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_UNREADABLE' }));
  });
});

describe('resume', () => {
  it('begins with a full load on the first run', () => {
    expect(resume(undefined, settings)).toMatchObject({
      why: 'first-run',
      checkpoint: { position: { phase: 'safety-token', link: null, load: 'initial' }, delivery: 0 },
    });
  });

  it('begins silently where only changes from now on are wanted', () => {
    expect(resume(undefined, { ...settings, start: 'now' }).checkpoint.position).toMatchObject({ load: 'silent' });
  });

  it('goes on where it was, whatever the order in which the columns were chosen', () => {
    const checkpoint = stored(delta);
    expect(resume(checkpoint, settings)).toEqual({ checkpoint, why: 'resumed' });
  });

  it('does not read everything again when "Start With" is changed later', () => {
    expect(resume(stored(delta), { ...settings, start: 'now' }).why).toBe('resumed');
  });

  it('keeps the outstanding changes and deletions through a replay', () => {
    expect(resume(stored(delta), { ...settings, replay: 'again' }).checkpoint).toMatchObject({
      replay: 'again',
      position: { phase: 'load', link: null, safety: 'delta-1', load: 'replay' },
      delivery: 7,
    });
  });

  it('keeps the outstanding changes of a catch-up through a replay', () => {
    const at: Position = { phase: 'catch-up', link: 'safe-2', then: 'delta-9' };
    expect(resume(stored(at), { ...settings, replay: 'x' }).checkpoint.position).toMatchObject({ safety: 'safe-2' });
  });

  it.each<[string, Position]>([
    ['a delta', { phase: 'delta', link: 'page-2', began: 'delta-1', seen: 'delta-2' }],
    ['a catch-up', { phase: 'catch-up', link: 'page-2', began: 'delta-1', then: 'delta-9' }],
  ])(
    'goes back to the begin of %s that it is in the middle of, as its pages end before what came since',
    (_what, at) => {
      for (const change of [{ replay: 'x' }, { columns: ['firstname'] }]) {
        expect(resume(stored(at), { ...settings, ...change }).checkpoint.position).toMatchObject({
          phase: 'load',
          safety: 'delta-1',
        });
      }
    },
  );

  it('replays once only', () => {
    const after = resume(stored(delta), { ...settings, replay: 'x' }).checkpoint;
    expect(resume(after, { ...settings, replay: 'x' }).why).toBe('resumed');
  });

  it('gets a new delta token silently when columns are added, and loses nothing meanwhile', () => {
    const { checkpoint, why } = resume(stored(delta), { ...settings, columns: ['firstname', 'lastname', 'jobtitle'] });
    expect(why).toBe('columns-changed');
    expect(checkpoint.position).toEqual({ phase: 'load', link: null, safety: 'delta-1', load: 'silent' });
  });

  it('begins a load anew that had not ended when the columns were changed', () => {
    const at: Position = { phase: 'load', link: 'page-3', safety: 'safe', load: 'initial' };
    const { checkpoint } = resume(stored(at), { ...settings, columns: ['firstname'] });
    expect(checkpoint.position).toEqual({ phase: 'load', link: null, safety: 'safe', load: 'initial' });
  });

  it.each([['another table', { table: 'account' }]])(
    'begins anew for %s, and goes on counting deliveries',
    (_what, change) => {
      const resumed = resume(stored(delta), { ...settings, ...change });
      expect(resumed.why).toBe('other-table');
      expect(resumed.checkpoint).toMatchObject({ position: { phase: 'safety-token', load: 'initial' }, delivery: 7 });
    },
  );
});

describe('an organization that is reached another way', () => {
  const at: Position = { phase: 'delta', link: 'https://org.example/api/data/v9.2/contacts?$deltatoken=1' };
  const there = { ...settings, organization: 'https://org.api.example' };

  it('is known by its id under another address, and its links go on there', () => {
    const { checkpoint, why } = resume(stored(at, { organizationId: 'o1' }), { ...there, organizationId: 'o1' });
    expect(why).toBe('moved');
    expect(checkpoint).toMatchObject({
      organization: 'https://org.api.example',
      position: { phase: 'delta', link: 'https://org.api.example/api/data/v9.2/contacts?$deltatoken=1' },
      delivery: 7,
    });
  });

  it('takes every link of the position along', () => {
    const links = { link: 'https://org.example/a', then: 'https://org.example/b', seen: 'https://org.example/c' };
    const found = stored({ phase: 'catch-up', ...links }, { organizationId: 'o1' });
    expect(resume(found, { ...there, organizationId: 'o1' }).checkpoint.position).toEqual({
      phase: 'catch-up',
      link: 'https://org.api.example/a',
      then: 'https://org.api.example/b',
      seen: 'https://org.api.example/c',
    });
  });

  it.each([
    ['another one under the same address, after a restore', settings.organization, 'o2'],
    ['another one under another address', 'https://other.example', 'o2'],
    ['one under another address whose id is not known', 'https://other.example', undefined],
  ])(
    'reads everything when it is %s: what was outstanding there is not here',
    (_what, organization, organizationId) => {
      const found = stored(at, organizationId === undefined ? {} : { organizationId: 'o1' });
      const resumed = resume(found, { ...settings, organization, organizationId, start: 'now' });
      expect(resumed.why).toBe('other-organization');
      expect(resumed.checkpoint).toMatchObject({
        organization,
        position: { phase: 'safety-token', link: null, load: 'expired' },
        delivery: 7,
      });
    },
  );

  it('learns its id where an earlier version did not keep it', () => {
    const { checkpoint, why } = resume(stored(at), { ...settings, organizationId: 'o1' });
    expect(why).toBe('resumed');
    expect(checkpoint).toMatchObject({ organizationId: 'o1', position: at });
  });
});

describe('advance', () => {
  it('fetches a new token when changes came without a new link: they would come for ever', () => {
    expect(advance(delta, {}, true)).toEqual({ phase: 'load', link: null, safety: 'delta-1', load: 'silent' });
  });

  it('refuses a next link that leads back to where the read began', () => {
    const at: Position = { phase: 'delta', link: 'n2', began: 'delta-1' };
    expect(() => advance(at, { nextLink: 'delta-1' })).toThrow(
      expect.objectContaining({ code: 'PAGE_DOES_NOT_ADVANCE' }),
    );
  });

  const load: Position = { phase: 'load', link: 'p1', safety: 'safe', load: 'initial' };

  it.each<[string, Position, { nextLink?: string; deltaLink?: string }, Position]>([
    [
      'from the safety token to the load',
      { phase: 'safety-token', link: null, load: 'initial' },
      { deltaLink: 'safe' },
      { phase: 'load', link: null, safety: 'safe', load: 'initial' },
    ],
    ['through the pages of the load', load, { nextLink: 'p2' }, { ...load, link: 'p2' }],
    [
      'from the load to what happened meanwhile',
      load,
      { deltaLink: 'd1' },
      { phase: 'catch-up', link: 'safe', then: 'd1' },
    ],
    [
      'through the pages of the catch-up',
      { phase: 'catch-up', link: 'safe', then: 'd1' },
      { nextLink: 'safe-2' },
      { phase: 'catch-up', link: 'safe-2', then: 'd1', began: 'safe' },
    ],
    [
      'from the catch-up to the delta',
      { phase: 'catch-up', link: 'safe', then: 'd1' },
      { deltaLink: 'unused' },
      { phase: 'delta', link: 'd1' },
    ],
    ['to the new delta link', delta, { deltaLink: 'delta-2' }, { phase: 'delta', link: 'delta-2' }],
    ['nowhere when nothing changed and no link came', delta, {}, delta],
    [
      'to the next page even if a delta link came early, which is kept',
      load,
      { nextLink: 'p2', deltaLink: 'd1' },
      { ...load, link: 'p2', seen: 'd1' },
    ],
    [
      'from the load to what happened meanwhile with a delta link of its first page',
      { ...load, link: 'p2', seen: 'd1' },
      {},
      { phase: 'catch-up', link: 'safe', then: 'd1' },
    ],
    [
      'into a delta of several pages, knowing where it began',
      delta,
      { nextLink: 'n2' },
      { phase: 'delta', link: 'n2', began: 'delta-1' },
    ],
    [
      'on in it with a delta link of its first page',
      delta,
      { nextLink: 'n2', deltaLink: 'delta-2' },
      { phase: 'delta', link: 'n2', began: 'delta-1', seen: 'delta-2' },
    ],
    [
      'from a last page without a link to the delta link that was seen',
      { phase: 'delta', link: 'n3', began: 'delta-1', seen: 'delta-2' },
      {},
      { phase: 'delta', link: 'delta-2' },
    ],
    [
      'from a delta of several pages that never had a delta link to a new token, from where it began',
      { phase: 'delta', link: 'n3', began: 'delta-1' },
      {},
      { phase: 'load', link: null, safety: 'delta-1', load: 'silent' },
    ],
    [
      'from a safety token of several pages with the delta link of its first one',
      { phase: 'safety-token', link: 'p2', load: 'initial', seen: 'safe' },
      {},
      { phase: 'load', link: null, safety: 'safe', load: 'initial' },
    ],
  ])('moves %s', (_what, at, page, next) => {
    expect(advance(at, page)).toEqual(next);
  });

  it.each<[string, Position, { nextLink?: string }]>([
    ['a next link that leads back to the page', load, { nextLink: 'p1' }],
    ['the end of a load without a delta link', load, {}],
    ['the end of the safety token without a delta link', { phase: 'safety-token', link: null, load: 'initial' }, {}],
  ])('refuses %s', (_what, at, page) => {
    expect(() => advance(at, page)).toThrow(expect.objectContaining({ code: 'PAGE_DOES_NOT_ADVANCE' }));
  });
});
