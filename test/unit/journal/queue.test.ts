import { describe, expect, it } from 'vitest';
import { limits } from '../../../engine/base/index.ts';
import type { Journal, SpooledObject } from '../../../engine/journal/index.ts';
import { journalKinds, strangePath } from './journals.ts';

const object = (key: string, bytes = 10): SpooledObject => ({
  key,
  kind: 'pack',
  bytes,
  spool: `${strangePath}/${key}`,
  sealedMs: 5,
});

function twoPlaces(journal: Journal): { readonly near: number; readonly far: number } {
  return { near: journal.places.add('/mnt/near', 'v').id, far: journal.places.add('/mnt/far', 'v').id };
}

const keysDue = (journal: Journal, place: number, nowMs = 0): string[] =>
  journal.queue.due(place, nowMs, 'small', 100).map(({ key }) => key);

describe.each(journalKinds)('the upload queue of a journal $name', ({ open }) => {
  it('gives objects back as they were queued, for each place', () => {
    const { journal, again } = open();
    const { near, far } = twoPlaces(journal);
    journal.queue.enqueue(object('a'), [near]);
    const { queue } = again();
    expect(queue.due(near, 0, 'small', 10)).toEqual([{ ...object('a'), sequence: 1, attempts: 0 }]);
    expect(queue.due(far, 0, 'small', 10)).toEqual([]);
    queue.enqueue(object('a'), [near, far]);
    expect(queue.due(far, 0, 'small', 10)).toHaveLength(1);
    expect(queue.due(near, 0, 'small', 10)).toHaveLength(1);
  });

  it('has a lane for small objects, the newest first, and one for big ones in their order', () => {
    const { journal } = open();
    const { near } = twoPlaces(journal);
    const big = limits.quickObjectBytes + 1;
    for (const key of ['a', 'b', 'c']) {
      journal.queue.enqueue(object(`small-${key}`, big - 1), [near]);
      journal.queue.enqueue(object(`big-${key}`, big), [near]);
    }
    expect(keysDue(journal, near)).toEqual(['small-c', 'small-b', 'small-a']);
    expect(journal.queue.due(near, 0, 'big', 2).map(({ key }) => key)).toEqual(['big-a', 'big-b']);
  });

  it('frees an object once every place has confirmed it', () => {
    const { journal } = open();
    const { near, far } = twoPlaces(journal);
    const { queue } = journal;
    queue.enqueue(object('a'), [near, far]);
    queue.markSent('a', near);
    expect(keysDue(journal, near)).toEqual([]);
    queue.markConfirmed('a', near);
    queue.markConfirmed('a', near);
    expect(queue.confirmedEverywhere(10)).toEqual([]);
    queue.markConfirmed('a', far);
    queue.markVerified('a', far);
    expect(queue.confirmedEverywhere(10)).toEqual([{ key: 'a', spool: `${strangePath}/a` }]);
    expect([queue.stateOf('a', near), queue.stateOf('a', far)]).toEqual(['confirmed', 'verified']);
    queue.forgetObject('a');
    expect([queue.stateOf('a', near), queue.confirmedEverywhere(10)]).toEqual([null, []]);
  });

  it('does not free what a place lost again or was asked to take later', () => {
    const { journal } = open();
    const { near, far } = twoPlaces(journal);
    const { queue } = journal;
    queue.enqueue(object('a'), [near]);
    queue.markConfirmed('a', near);
    queue.enqueue(object('a'), [near, far]);
    expect(queue.confirmedEverywhere(10)).toEqual([]);
    queue.markConfirmed('a', far);
    expect(queue.confirmedEverywhere(10)).toHaveLength(1);
    queue.failed('a', near, 0, 'object.missing');
    expect(queue.confirmedEverywhere(10)).toEqual([]);
    expect(keysDue(journal, near)).toEqual(['a']);
  });

  it('frees what only a place that was removed still waited for', () => {
    const { journal } = open();
    const { near, far } = twoPlaces(journal);
    journal.queue.enqueue(object('a'), [near, far]);
    journal.queue.markConfirmed('a', near);
    journal.places.remove(far);
    expect(journal.queue.confirmedEverywhere(10)).toHaveLength(1);
  });

  it('tries again when its time has come, after what is fresh', () => {
    const { journal } = open();
    const { near } = twoPlaces(journal);
    journal.queue.enqueue(object('a'), [near]);
    journal.queue.failed('a', near, 1000, 'store.failed');
    journal.queue.enqueue(object('b'), [near]);
    expect(keysDue(journal, near, 999)).toEqual(['b']);
    expect(keysDue(journal, near, 1000)).toEqual(['b', 'a']);
    expect(journal.queue.due(near, 1000, 'small', 10).map(({ attempts }) => attempts)).toEqual([0, 1]);
  });

  it('does not wait for a time that a clock set back has put far away', () => {
    const { journal } = open();
    const { near } = twoPlaces(journal);
    journal.queue.enqueue(object('a'), [near]);
    journal.queue.failed('a', near, 1e12, 'store.failed');
    expect(keysDue(journal, near, 1e12 - limits.retryDelayMostMs)).toEqual([]);
    expect(keysDue(journal, near, 1e12 - limits.retryDelayMostMs - 1)).toEqual(['a']);
  });

  it('parks what has failed too often until it is asked to go on', () => {
    const { journal, again } = open();
    const { near } = twoPlaces(journal);
    journal.queue.enqueue(object('a', 7), [near]);
    journal.queue.enqueue(object('b', 5), [near]);
    journal.queue.park('a', near, 'store.denied');
    const { queue } = again();
    queue.requeueInFlight();
    expect(queue.due(near, 1e15, 'small', 10).map(({ key }) => key)).toEqual(['b']);
    expect(queue.parked(near)).toEqual([{ key: 'a', code: 'store.denied', attempts: 1 }]);
    expect(queue.waiting(near)).toEqual({ objects: 2, bytes: 12, parked: 1 });
    queue.unpark(near);
    expect(queue.parked(near)).toEqual([]);
    expect(queue.due(near, 0, 'small', 10)).toHaveLength(2);
  });

  it('puts back in the queue whatever was under way or waited', () => {
    const { journal, again } = open();
    const { near } = twoPlaces(journal);
    for (const key of ['a', 'b', 'c']) journal.queue.enqueue(object(key), [near]);
    journal.queue.markSent('a', near);
    journal.queue.failed('b', near, 5000, 'store.failed');
    journal.queue.markConfirmed('c', near);
    const reopened = again();
    expect(keysDue(reopened, near)).toEqual([]);
    reopened.queue.requeueInFlight();
    expect(keysDue(reopened, near)).toEqual(['b', 'a']);
    expect(reopened.queue.waiting(near)).toEqual({ objects: 2, bytes: 20, parked: 0 });
  });

  it('takes a mark for an object that was never queued for a mistake of ours', () => {
    const { journal } = open();
    const { near } = twoPlaces(journal);
    expect(() => journal.queue.markConfirmed('a', near)).toThrow('a was never queued');
    expect(() => journal.queue.enqueue(object('a'), [near + 100])).toThrow('SQLITE_CONSTRAINT_FOREIGNKEY');
    expect(journal.queue.stateOf('a', near)).toBeNull();
  });
});
