import { integerIn, type Row, textIn } from '../columns.ts';
import { RowDamage } from '../faults.ts';
import type { Sql } from '../sql.ts';

/** A sealed object in the spool of a place, and what came of the tries to send it. */
export type Upload = {
  readonly key: string;
  readonly bytes: number;
  readonly attempts: number;
  /** Why the last try failed. */
  readonly error: string | null;
  readonly isUnderWay: boolean;
  /** No more tries until `unpark`. */
  readonly isParked: boolean;
};

export type WaitingUploads = { readonly objects: number; readonly bytes: number; readonly parked: number };

/**
 * Facts about the files in the spools; those are the truth of what waits. What is told of an object that has no row changes
 * nothing: the row was lost, or its place was removed.
 */
export type Uploads = {
  /** An object that has a row keeps it. */
  add(place: number, object: { readonly key: string; readonly bytes: number }, nowMs: number): void;
  /** By key. */
  list(place: number): Upload[];
  underWay(place: number, key: string): void;
  failed(place: number, key: string, tried: { readonly nextMs: number; readonly error: string }): void;
  park(place: number, key: string, error: string): void;
  remove(place: number, key: string): void;
  /** After a start and after sleep: nothing is under way any more, and no wait counts that was begun before. */
  requeue(place: number): void;
  /** Tries what is parked again from the beginning. */
  unpark(place: number): void;
  /** Parked objects among them. */
  waiting(place: number): WaitingUploads;
};

export function createUploads(sql: Sql): Uploads {
  const add = sql.change<[string, number, number, number]>(
    'INSERT INTO uploads (place, key, bytes, spooled_ms) SELECT id, ?, ?, ? FROM places WHERE id = ? ON CONFLICT DO NOTHING',
  );
  const list = sql.query<[number], Upload>(
    'SELECT key, bytes, attempts, error, state, next_ms FROM uploads WHERE place = ? ORDER BY key',
    uploadIn,
  );
  const underWay = sql.change<[number, string]>('UPDATE uploads SET state = 1 WHERE place = ? AND key = ?');
  const fail = sql.change<[number | null, string, number, string]>(
    'UPDATE uploads SET state = 0, attempts = attempts + 1, next_ms = ?, error = ? WHERE place = ? AND key = ?',
  );
  const remove = sql.change<[number, string]>('DELETE FROM uploads WHERE place = ? AND key = ?');
  const requeue = sql.change<[number]>(
    'UPDATE uploads SET state = 0, next_ms = 0 WHERE place = ? AND (state = 1 OR next_ms > 0)',
  );
  const unpark = sql.change<[number]>(
    'UPDATE uploads SET next_ms = 0, attempts = 0 WHERE place = ? AND next_ms IS NULL',
  );
  const waiting = sql.kept<number, WaitingUploads>(
    `SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes, count(*) FILTER (WHERE next_ms IS NULL) AS parked
     FROM uploads WHERE place = ?`,
    (row) => ({ objects: integerIn(row, 'objects'), bytes: integerIn(row, 'bytes'), parked: integerIn(row, 'parked') }),
  );
  return {
    add: (place, { key, bytes }, nowMs) => void add.run(key, bytes, Math.round(nowMs), place),
    list: (place) => list.all(place),
    underWay: (place, key) => void underWay.run(place, key),
    failed: (place, key, { nextMs, error }) => void fail.run(Math.round(nextMs), error, place, key),
    park: (place, key, error) => void fail.run(null, error, place, key),
    remove: (place, key) => void remove.run(place, key),
    requeue: (place) => void requeue.run(place),
    unpark: (place) => void unpark.run(place),
    waiting: (place) => waiting(place) ?? { objects: 0, bytes: 0, parked: 0 },
  };
}

function uploadIn(row: Row): Upload {
  const { error, next_ms: next } = row;
  if (error !== null && typeof error !== 'string') throw new RowDamage('error is no text');
  return {
    ...{ key: textIn(row, 'key'), bytes: integerIn(row, 'bytes'), attempts: integerIn(row, 'attempts'), error },
    ...{ isUnderWay: integerIn(row, 'state') === 1, isParked: next === null },
  };
}
