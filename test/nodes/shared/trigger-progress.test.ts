import type { IDataObject } from 'n8n-workflow';
import { ProgressBoard } from '../../../nodes/shared/trigger-progress';

/** n8n's database: the static data of one workflow, written as a whole. */
const copy = (staticData: IDataObject) => JSON.parse(JSON.stringify(staticData)) as IDataObject;

describe('the progress of the triggers of one workflow', () => {
  const board = new ProgressBoard();
  beforeEach(() => board.clear());

  it('gives a trigger what it stored, after a restart of n8n', () => {
    const staticData: IDataObject = {};
    board.open(staticData, 'wf', 'a').save({ batch: 7 });
    board.clear();

    expect(board.open(copy(staticData), 'wf', 'a').stored).toMatchObject({ batch: 7 });
  });

  it('keeps a trigger that was started again alone from setting the other one back', () => {
    const shared: IDataObject = {};
    const a = board.open(shared, 'wf', 'a');
    const b = board.open(shared, 'wf', 'b');
    a.save({ batch: 1 });
    b.save({ batch: 1 });
    b.close();
    const ownOfB = copy(shared);
    const again = board.open(ownOfB, 'wf', 'b');
    a.save({ batch: 2 });
    again.save({ batch: 2 });
    a.save({ batch: 3 });

    expect(shared).toMatchObject({ a: { batch: 3 }, b: { batch: 2 } });
    again.save({ batch: 3 });
    expect(ownOfB).toMatchObject({ a: { batch: 3 }, b: { batch: 3 } });
  });

  it('does not take the state back that another trigger wrote while this one was stopped', () => {
    const shared: IDataObject = {};
    const a = board.open(shared, 'wf', 'a');
    const b = board.open(shared, 'wf', 'b');
    b.save({ batch: 1 });
    const early = copy(shared);
    b.save({ batch: 2 });
    b.close();
    a.save({ batch: 1 });

    expect(board.open(early, 'wf', 'b').stored).toMatchObject({ batch: 2 });
  });

  it('takes what another process stored since then', () => {
    const mine: IDataObject = {};
    const here = board.open(mine, 'wf', 'a');
    here.save({ batch: 1 });
    here.close();
    const elsewhere = copy(mine);
    const other = new ProgressBoard().open(elsewhere, 'wf', 'a');
    other.save({ batch: 2 });

    expect(board.open(elsewhere, 'wf', 'a').stored).toMatchObject({ batch: 2 });
  });

  it('stores the state of a trigger that was added to the workflow later', () => {
    const old: IDataObject = {};
    const a = board.open(old, 'wf', 'a');
    a.save({ batch: 1 });
    board.open(copy(old), 'wf', 'new').save({ batch: 1 });
    a.save({ batch: 2 });

    expect(old).toMatchObject({ a: { batch: 2 }, new: { batch: 1 } });
  });

  it('begins anew where the static data was emptied', () => {
    const a = board.open({}, 'wf', 'a');
    a.save({ batch: 5 });
    a.close();

    expect(board.open({}, 'wf', 'a').stored).toBeUndefined();
  });

  it('lets a stopped run store until its end, but not over the one in its place', () => {
    const staticData: IDataObject = {};
    const slow = board.open(staticData, 'wf', 'a');
    slow.save({ batch: 1 });
    const next = board.open(copy(staticData), 'wf', 'a');
    next.save({ batch: 2 });
    slow.save({ batch: 1 });
    slow.close();
    next.save({ batch: 3 });

    expect(board.open({ a: null }, 'wf', 'a').stored).toMatchObject({ batch: 3 });
  });

  it('keeps workflows apart, and leaves alone what is no state of a trigger', () => {
    const one: IDataObject = { 'node:Other': { lastTime: 5 } };
    board.open(one, 'one', 'a').save({ batch: 9 });
    const two: IDataObject = {};
    board.open(two, 'two', 'b').save({ batch: 1 });

    expect(one).toMatchObject({ 'node:Other': { lastTime: 5 }, a: { batch: 9 } });
    expect(Object.keys(two)).toEqual(['b']);
  });

  it('forgets the workflows that were used longest ago, but none whose trigger runs', () => {
    const small = new ProgressBoard(3);
    const running = small.open({}, 'running', 'a');
    running.save({ batch: 1 });
    const stored: IDataObject = {};
    for (let number = 0; number < 100; number++) {
      const progress = small.open(number === 0 ? stored : {}, `wf${number}`, 'a');
      progress.save({ batch: 1 });
      progress.close();
      expect(small.size).toBeLessThanOrEqual(3);
    }
    running.save({ batch: 2 });

    expect(small.open({ a: { batch: 1, saves: 1 } }, 'running', 'a').stored).toMatchObject({ batch: 2 });
    expect(small.open(copy(stored), 'wf0', 'a').stored).toMatchObject({ batch: 1 });
  });

  it('remembers every workflow whose trigger runs, however many there are', () => {
    const small = new ProgressBoard(3);
    const open = Array.from({ length: 10 }, (_, number) => small.open({}, `wf${number}`, 'a'));
    expect(small.size).toBe(10);
    for (const progress of open) progress.close();
    expect(small.size).toBe(3);
  });

  it('adds nothing but a number to what is stored', () => {
    const staticData: IDataObject = {};
    const progress = board.open(staticData, 'wf', 'a');
    progress.save({ batch: 1 });
    progress.save({ batch: 2 });

    expect(staticData).toEqual({ a: { batch: 2, saves: 2 } });
  });
});
