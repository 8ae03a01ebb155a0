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

  it.each([
    ['another table', { table: 'account' }],
    ['another organization', { organization: 'https://other.example' }],
  ])('begins anew for %s, and goes on counting deliveries', (_what, change) => {
    const resumed = resume(stored(delta), { ...settings, ...change });
    expect(resumed.why).toBe('other-table');
    expect(resumed.checkpoint).toMatchObject({ position: { phase: 'safety-token', load: 'initial' }, delivery: 7 });
  });
});

describe('advance', () => {
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
      { phase: 'catch-up', link: 'safe-2', then: 'd1' },
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
      'to the next page even if a delta link came early',
      load,
      { nextLink: 'p2', deltaLink: 'd1' },
      { ...load, link: 'p2' },
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
