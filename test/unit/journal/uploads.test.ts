import { describe, expect, it } from 'vitest';
import type { Journal } from '../../../engine/journal/index.ts';
import { journalKinds } from './journals.ts';

function twoPlaces(journal: Journal): { readonly near: number; readonly far: number } {
  return { near: journal.places.add('/mnt/near', 'v').id, far: journal.places.add('/mnt/far', 'v').id };
}

const fresh = { attempts: 0, error: null, isUnderWay: false, isParked: false };

describe.each(journalKinds)('what waits to be sent, in a journal $name', ({ open }) => {
  it('is kept for each place, and goes with it', () => {
    const { journal, again } = open();
    const { near, far } = twoPlaces(journal);
    journal.uploads.add(near, { key: 'a', bytes: 10 }, 5);
    journal.uploads.add(far, { key: 'a', bytes: 10 }, 5);
    journal.uploads.add(far, { key: 'b', bytes: 7 }, 5);
    const { uploads, places } = again();
    expect(uploads.list(far)).toEqual([
      { key: 'a', bytes: 10, ...fresh },
      { key: 'b', bytes: 7, ...fresh },
    ]);
    expect(uploads.waiting(far)).toEqual({ objects: 2, bytes: 17, parked: 0 });
    uploads.remove(far, 'a');
    expect(uploads.waiting(far)).toEqual({ objects: 1, bytes: 7, parked: 0 });
    expect(uploads.waiting(near)).toEqual({ objects: 1, bytes: 10, parked: 0 });
    places.remove(far);
    expect(uploads.list(far)).toEqual([]);
  });

  it('remembers what failed, and why, until it is begun anew', () => {
    const { journal, again } = open();
    const { near } = twoPlaces(journal);
    for (const key of ['a', 'b', 'c']) journal.uploads.add(near, { key, bytes: 1 }, 5);
    journal.uploads.underWay(near, 'a');
    journal.uploads.failed(near, 'b', { nextMs: 5000, error: 'store.failed' });
    journal.uploads.park(near, 'c', 'store.failed');
    const { uploads } = again();
    uploads.add(near, { key: 'b', bytes: 1 }, 9);
    expect(uploads.list(near)).toEqual([
      { key: 'a', bytes: 1, ...fresh, isUnderWay: true },
      { key: 'b', bytes: 1, ...fresh, attempts: 1, error: 'store.failed' },
      { key: 'c', bytes: 1, ...fresh, attempts: 1, error: 'store.failed', isParked: true },
    ]);
    expect(uploads.waiting(near)).toEqual({ objects: 3, bytes: 3, parked: 1 });
    uploads.requeue(near);
    expect(uploads.list(near).map(({ isUnderWay, isParked }) => [isUnderWay, isParked])).toEqual([
      [false, false],
      [false, false],
      [false, true],
    ]);
    uploads.unpark(near);
    expect(uploads.list(near)[2]).toEqual({ key: 'c', bytes: 1, ...fresh, error: 'store.failed' });
  });

  it('hears of objects without a row, and of places that are gone, and minds neither', () => {
    const { journal } = open();
    const { near } = twoPlaces(journal);
    journal.uploads.underWay(near, 'x');
    journal.uploads.add(near + 100, { key: 'x', bytes: 1 }, 1);
    journal.uploads.failed(near, 'x', { nextMs: 1, error: 'store.failed' });
    journal.uploads.park(near, 'x', 'store.failed');
    journal.uploads.remove(near, 'x');
    expect(journal.uploads.list(near)).toEqual([]);
  });
});
