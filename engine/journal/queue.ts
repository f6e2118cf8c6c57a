import { assert } from '../base/index.ts';
import type { Sql } from './sql.ts';
import {
  type CopyState,
  createCopies,
  type DueObject,
  type Lane,
  type ParkedObject,
  type Waiting,
} from './tables/copies.ts';
import { createPacks, type SpooledObject } from './tables/packs.ts';

/**
 * Sealed objects on their way to places, as facts: what lies in the spool, and what each place has said of it.
 *
 *     queued ─► sent ─► confirmed ─► verified        at each place
 *       ▲ │       │
 *       │ └─► parked (no more tries by itself)
 *       └─ failed: again at a time
 */
export type Queue = {
  /** An object that is there already gets the places that it did not have. */
  enqueue(object: SpooledObject, places: readonly number[]): void;
  /** Fresh ones first, then those that failed by their time. Sent and parked ones are not due. */
  due(place: number, nowMs: number, lane: Lane, most: number): DueObject[];
  stateOf(object: string, place: number): CopyState | null;
  markSent(object: string, place: number): void;
  markConfirmed(object: string, place: number): void;
  markVerified(object: string, place: number): void;
  /** Also of a copy that was confirmed and turns out not to be there. */
  failed(object: string, place: number, nextAttemptMs: number, code: string): void;
  /** No more tries until `unpark`. */
  park(object: string, place: number, code: string): void;
  parked(place: number): ParkedObject[];
  /** Tries them again from the beginning. */
  unpark(place: number): void;
  /** After a start and after sleep: nothing is under way any more, and no wait counts that was begun before. */
  requeueInFlight(): void;
  /** What a place has not confirmed, parked objects among them. */
  waiting(place: number): Waiting;
  /** Objects that no place waits for, the oldest first: their files in the spool may go, then `forgetObject`. */
  confirmedEverywhere(most: number): { readonly key: string; readonly spool: string }[];
  forgetObject(object: string): void;
};

export function createQueue(sql: Sql): Queue {
  const packs = createPacks(sql);
  const copies = createCopies(sql);
  const known = (object: string): number => {
    const number = packs.numberOf(object);
    assert(number !== null, `${object} was never queued`);
    return number;
  };
  const mark = (state: CopyState) => (object: string, place: number) => copies.mark(known(object), place, state);
  return {
    enqueue: (object, places) =>
      sql.transaction(() => {
        const wanted = new Set(places);
        const added = packs.add(object, wanted.size);
        const number = added ?? known(object.key);
        for (const place of wanted) copies.add(number, place, object.bytes);
        if (added === null) packs.recount(number);
      }),
    due: copies.due,
    stateOf(object, place) {
      const number = packs.numberOf(object);
      return number === null ? null : copies.stateOf(number, place);
    },
    markSent: mark('sent'),
    markConfirmed: mark('confirmed'),
    markVerified: mark('verified'),
    failed: (object, place, atMs, code) => copies.failed(known(object), place, { atMs, code }),
    park: (object, place, code) => copies.failed(known(object), place, { atMs: null, code }),
    parked: copies.parked,
    unpark: copies.unpark,
    requeueInFlight: copies.requeue,
    waiting: copies.waiting,
    confirmedEverywhere: packs.settled,
    forgetObject: packs.remove,
  };
}
